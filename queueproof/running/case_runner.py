"""Running one case: what it runs on, its fixtures, its time limit, and what it leaves behind."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from queueproof.clock import limited
from queueproof.errors import Inconclusive, QueueproofError, Violation
from queueproof.history import current_case, current_facts
from queueproof.requirements import Access, Registry
from queueproof.running.absence import excused
from queueproof.running.collected import Binding, Case, fill_fixtures
from queueproof.running.environment import Environment
from queueproof.running.launch import Launch
from queueproof.running.standstill import StandstillWatch
from queueproof.running.strain import StrainMeter
from queueproof.stack.log_lines import PrintedSince
from queueproof.targets.job import Job
from queueproof.targets.system import System, jobs_of_case
from queueproof.targets.work import record_work

_LONGEST_CASE_S = 90.0


class CaseRunner:
    """Runs single cases in an environment; `bindings` is what the fixtures of each give out."""

    def __init__(
        self,
        environment: Environment,
        registry: Registry,
        *,
        seed: int,
        meter: StrainMeter,
        standstills: StandstillWatch,
    ) -> None:
        self.bindings: dict[str, Binding] = {}
        self._environment = environment
        self._registry = registry
        self._seed = seed
        self._meter = meter
        self._standstills = standstills

    @asynccontextmanager
    async def ground(self, case: Case) -> AsyncIterator[Binding]:
        """What the case runs on; closed behind it."""
        current_case.set(case.id)
        async with AsyncExitStack() as resources:
            system, lane = self._environment.main, None
            if case.mark.alone:
                destructive = self._registry[case.mark.requirement].destructive
                ground = self._environment.exclusive(destructive=destructive)
                system, lane = await resources.enter_async_context(ground)
            choice = random.Random(f"{self._seed} {case.id}")  # noqa: S311
            seen = tuple(self._standstills.seen)
            runs_on = lane or self._environment.main_lane
            printed = PrintedSince(runs_on.boot.logs if runs_on else ())
            launch = Launch(self._environment, resources)
            binding = Binding(system, lane, launch, choice, seen, printed)
            self.bindings[case.id] = binding
            yield binding

    async def execute(
        self, session: pytest.Session, case: Case, binding: Binding, jobs: list[Job]
    ) -> BaseException | None:
        """What the case raised, if anything; the jobs that it submits are added to `jobs`."""
        jobs_of_case.set(jobs)
        bound_s = _LONGEST_CASE_S + 2 * case.mark.wait(binding.system.timings)
        began = time.monotonic()
        try:
            access = case.mark.access or self._registry[case.mark.requirement].access
            async with limited(bound_s):
                if access is not Access.LAUNCH:
                    await _bring_into_view(binding.system, case)
                arguments = fill_fixtures(session, case.item)
                await case.item.obj(**arguments)
        except asyncio.CancelledError:
            raise
        except TimeoutError:
            return Inconclusive(f"the case was not over after {bound_s:.0f} s")
        except Violation as seen:
            record_work(jobs)
            own = [log for boot in binding.launch.boots for log in boot.logs]
            seen.printed = binding.printed.last(own)
            return excused(
                seen,
                jobs,
                self._environment.history.of_case(case.id),
                area=self._registry[case.mark.requirement].area,
                strain=self._meter.since(began),
            )
        except Exception as error:  # noqa: BLE001  (whatever it is, it is the case's outcome)
            return error
        finally:
            await _cancel_leftovers(jobs)
        return None


async def _bring_into_view(system: System, case: Case) -> None:
    """Look for workers that stand in for some that went away since it was found that the case can
    be asked; alone, for a search beside other cases would meet theirs.

    Raises Inconclusive where there are fewer than the case needs.
    """
    needed, fleet = case.mark.workers, system.fleet
    if fleet.identifier is None or len(system.workers) >= needed:
        return
    if case.mark.alone:
        with suppress(QueueproofError):  # fewer than there were are not all there are
            await fleet.discover(expected=max(needed, len(fleet.first_workers)))
    if len(system.workers) < needed:
        found = ", ".join(map(str, system.workers)) or "none"
        raise Inconclusive(
            f"needs {needed} workers, of which some went away meanwhile; in view: {found}"
        )


async def _cancel_leftovers(jobs: list[Job]) -> None:
    """Cancel the jobs of a case that may still be running; the history says what it was for."""
    tidying = current_facts.set({"tidying": True})
    try:
        for job in jobs:
            over_s = job.submitted_s + job.probe.duration_s + 1.0
            if job.system.history.now_s() < over_s:
                with suppress(QueueproofError, TimeoutError, OSError):
                    await job.system.cancel(job)
    finally:
        current_facts.reset(tidying)
