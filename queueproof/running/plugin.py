"""The pytest plugin that runs cases side by side in one event loop.

Conformance is mostly waiting. pytest collects, resolves fixtures and reports; between these the
cases run as coroutines of one loop, those that disturb the target on a target of their own or
one by one after the others. Fixtures are filled just before a case starts and must not need
teardown: what a case opens is closed by the environment.

Why not a ready-made plugin: see ARCHITECTURE.md.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from redis.exceptions import RedisError

from queueproof.clock import limited
from queueproof.config.model import RunConfig
from queueproof.errors import (
    CaseOutcome,
    HarnessError,
    Inconclusive,
    NotAssessed,
    QueueproofError,
    TargetUnreachable,
    Violation,
    describe_own_error,
    known_error,
)
from queueproof.history import History, current_case, current_facts
from queueproof.reporting.model import CaseResult
from queueproof.requirements import Access, known_ids, load_registry
from queueproof.running.absence import excused
from queueproof.running.applicability import why_not_to_ask
from queueproof.running.capabilities import Capabilities, find_capabilities
from queueproof.running.case_order import CaseSlots, arrange
from queueproof.running.collected import Binding, Case, case_of, fill_fixtures, unreadable
from queueproof.running.company import Company
from queueproof.running.environment import Environment, Launch
from queueproof.running.interrupts import heeding, quietly, to_its_end
from queueproof.running.marks import CaseMark
from queueproof.running.outcome import seen_through
from queueproof.running.progress import Progress
from queueproof.running.result_collector import ResultCollector
from queueproof.running.selection import STOPPED_AT_FIRST, in_shard
from queueproof.running.standstill import MetStandstill, Standstill, StandstillWatch
from queueproof.running.strain import Strain, StrainMeter
from queueproof.stack.log_lines import PrintedSince
from queueproof.targets.job import Job
from queueproof.targets.redis_errors import outcome_of
from queueproof.targets.system import jobs_of_case
from queueproof.targets.work import record_work
from queueproof.targets.worker import Worker
from queueproof.verdicts import Verdict

_LONGEST_CASE_S = 90.0
# For all third looks of a run together: a doubt that is kept costs less than a run that never ends.
_COMPANY_S = 60.0
# Of the cases side by side: a target that stops whenever it is started is known by then.
_MOST_RELAUNCHES = 3


class ConformanceRun:
    """Plays the collected cases on one target and keeps their results."""

    #: What the fixtures know it by (`queueproof.pytest_plugin`).
    is_queueproof_run = True
    #: Whether it plays what it collects.
    plays = True

    def __init__(self, config: RunConfig, progress: Progress) -> None:
        self.config = config
        self.progress = progress
        self.history = History()
        self.registry = load_registry(config.target.contract)
        self.interrupted = ""
        self.opened = False
        self.error: QueueproofError | None = None
        self.environment = Environment(config, self.history)
        self.able = Capabilities()
        self._bindings: dict[str, Binding] = {}
        self._meter = StrainMeter()
        self._company = Company()
        self._standstills = StandstillWatch(self._meter)
        self._unplayed: list[tuple[Case, MetStandstill]] = []
        self._collector = ResultCollector(config, self.history)
        self._stop: Callable[[str], None] = lambda _: None

    @property
    def results(self) -> list[CaseResult]:
        """Every case's result so far."""
        return self._collector.results

    @property
    def standstills(self) -> list[Standstill]:
        """Where the target was seen to stop beginning jobs."""
        return self._standstills.seen

    # -- pytest's side ---------------------------------------------------------------------

    def binding(self, node: pytest.Item) -> Binding:
        """What the fixtures of `node` give out."""
        return self._bindings[node.nodeid]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the cases of the selected requirements, and of the shard."""
        rows = self.registry.select(self.config.only, without=self.config.without)
        chosen = {requirement.id for requirement in rows}
        items[:] = [item for item in items if self._is_asked(case_of(item).mark, chosen)]
        kept = in_shard([item.nodeid for item in items], self.config.shard)
        items[:] = [item for item in items if item.nodeid in kept]

    def _is_asked(self, mark: CaseMark, chosen: set[str]) -> bool:
        """Whether a case judges a chosen requirement on this contract.

        Raises HarnessError for a requirement that no contract has.
        """
        if mark.requirement not in known_ids():
            raise HarnessError(f"no requirement {mark.requirement} is registered")
        here = not mark.contracts or self.config.target.contract in mark.contracts
        return here and mark.requirement in chosen

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """An error outside of every case is ours, and no run that had one is a success."""
        error = excinfo.value
        own = known_error(error) or HarnessError(describe_own_error(error))
        self.error = self.error or own
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be read ends the run: nobody knows what it would have asked."""
        if report.failed:
            self.error = self.error or unreadable(report)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run everything; pytest's own loop is not used."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        cases = [case_of(item) for item in session.items if isinstance(item, pytest.Function)]
        with asyncio.Runner() as runner:
            runner.run(self._run(session, cases))
        return True

    # -- the loop --------------------------------------------------------------------------

    async def _run(self, session: pytest.Session, cases: list[Case]) -> None:
        main = asyncio.current_task()
        assert main is not None

        def stop(why: str) -> None:
            self.interrupted = self.interrupted or why
            quietly()
            main.cancel()

        self._stop = stop
        with heeding(lambda name: stop(f"interrupted by {name}")):
            await self._open_and_play(session, cases, main)

    async def _open_and_play(
        self, session: pytest.Session, cases: list[Case], main: asyncio.Task[None]
    ) -> None:
        meter = asyncio.create_task(self._meter.run())
        try:
            self.progress.phase("opening the target")
            await self.environment.open()
            self.opened = True
            self.able = await self._find_capabilities()
            await self._standstills.begin(self.environment.main)
            await self._play(session, cases)
        except QueueproofError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001  (whatever it is, it is ours)
            self.error = HarnessError(describe_own_error(error))
        except asyncio.CancelledError:
            if not self.interrupted:
                raise
            main.uncancel()
        finally:
            meter.cancel()
            self.progress.phase("tidying up")
            why = self.interrupted or (str(self.error) if self.error else "the run ended early")
            self._collector.close(cases, why)
            if trouble := await to_its_end(self.environment.close()):
                self.error = self.error or HarnessError(describe_own_error(trouble))

    async def _find_capabilities(self) -> Capabilities:
        """That others answer than were asked may show only now; then sorting ends."""
        try:
            return await find_capabilities(self.environment)
        except Inconclusive as front:
            await self.environment.main.fleet.stop_sorting(str(front))
            return await find_capabilities(self.environment)

    async def _play(self, session: pytest.Session, cases: list[Case]) -> None:
        askable = []
        for case in cases:
            reason = self._why_not(case)
            if reason is not None:
                self._finish(session, case, reason, 0.0, Strain())
            else:
                askable.append(case)
                wait_s = case.mark.wait(self.environment.main.timings)
                self.progress.planned(case.id, case.mark.requirement, wait_s)
        timings, apart = self.environment.main.timings, self.environment.lane_count > 0
        turns = arrange(askable, registry=self.registry, timings=timings, apart=apart)
        await self._in_turn(session, turns.first, "looking at the target before it is busy")
        await self._side_by_side(session, turns.together)
        await self._in_turn(session, turns.last, "running cases that need the target alone")
        # Once the machine has calmed down, ask again what nobody could be blamed for.
        self._give_up_unplayed(session)
        await self._set_going_again()
        doubtful = self._collector.doubted(askable)
        await self._in_turn(session, doubtful, "looking again at what was seen under strain")
        self._give_up_unplayed(session)
        await self._in_company(session, self._collector.wanting_company(doubtful))
        await self._in_turn(session, turns.closing, "looking at what all of it has left behind")
        again = self._collector.doubted(turns.closing)
        await self._in_turn(session, again, "looking again at what was left behind")

    async def _side_by_side(self, session: pytest.Session, cases: Sequence[Case]) -> None:
        """Play cases together; those that a standstill bars, together on a target launched anew."""
        self.progress.phase("running cases side by side")
        await self._together(session, cases)
        for _ in range(_MOST_RELAUNCHES):
            if not self._unplayed or not await self._set_going_again():
                return
            cases, self._unplayed = [case for case, _ in self._unplayed], []
            await self._together(session, cases)

    async def _together(self, session: pytest.Session, cases: Sequence[Case]) -> None:
        slots = CaseSlots(self.config.target.paced_cases, self.environment.main.timings)
        pulse = asyncio.create_task(self._measure_latency())
        try:
            async with asyncio.TaskGroup() as group:
                for case in cases:
                    group.create_task(self._one(session, case, slots.of(case)))
        finally:
            pulse.cancel()
            await asyncio.wait({pulse})

    def _give_up_unplayed(self, session: pytest.Session) -> None:
        """What a standstill has barred comes to no verdict, or to that of a later look."""
        unplayed, self._unplayed = self._unplayed, []
        for case, why in unplayed:
            self._finish(session, case, why, 0.0, Strain())

    async def _in_turn(self, session: pytest.Session, cases: Sequence[Case], phase: str) -> None:
        if cases:
            self.progress.phase(phase)
        for case in cases:
            await self._one(session, case, asyncio.Semaphore())

    async def _in_company(self, session: pytest.Session, cases: Sequence[Case]) -> None:
        """A third look, beside those that ran with the case at first; bounded in time altogether.

        What time does not suffice for keeps its doubt.
        """
        if cases:
            self.progress.phase("looking once more, in company")
        deadline = time.monotonic() + _COMPANY_S
        for case in cases:
            if time.monotonic() >= deadline:
                return
            company = [self._beside(session, other) for other in self._company.of(case)]
            beside = [asyncio.create_task(each) for each in company]
            try:
                await self._one(session, case, asyncio.Semaphore())
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    async def _beside(self, session: pytest.Session, case: Case) -> None:
        """Run a case for company: whatever it sees has had its verdict already."""
        async with self._ground(case) as binding:
            await self._execute(session, case, binding, [])

    async def _measure_latency(self) -> None:
        """Of every worker: one may be swamped while the others answer at once."""
        await asyncio.gather(
            *(self._measure_worker(worker) for worker in self.environment.main.workers)
        )

    async def _measure_worker(self, worker: Worker) -> None:
        system = self.environment.main
        with suppress(QueueproofError):
            async with system.fleet.vantage(worker) as vantage:
                await self._meter.feel(
                    lambda: system.fleet.ping(vantage), every_s=system.fleet.upkeep.pulse_every_s
                )

    async def _one(self, session: pytest.Session, case: Case, turn: asyncio.Semaphore) -> None:
        async with turn:
            if self.error is not None or self.interrupted:
                return
            if why := await self._barred(case):
                self._unplayed.append((case, why))
                return
            error: BaseException | None = None
            began = time.monotonic()
            jobs: list[Job] = []
            try:
                async with self._ground(case) as binding:
                    self.progress.started(case.id)
                    began = time.monotonic()
                    error = await self._execute(session, case, binding, jobs)
                    took_s = time.monotonic() - began
            except Exception as trouble:  # noqa: BLE001  (of one case, not of the run)
                error, took_s = trouble, time.monotonic() - began
            self._company.note(case, began, began + took_s)
            error = await self._attribute_loss(case, error, began)
            strain = self._meter.since(began)
            error = await self._met_by_standstill(case, error, jobs)
            self._finish(session, case, error, took_s, strain)

    async def _barred(self, case: Case) -> MetStandstill | None:
        """Why it is no use to play a case now; one with a target of its own always can be."""
        if case.mark.closing or (case.mark.alone and self.environment.lane_count):
            return None
        main, ours = self.environment.main, self.environment.main_lane is not None
        # One that is ours is launched anew in any case: what is played before is played in vain.
        return await self._standstills.bars(main, for_one=ours)

    async def _met_by_standstill(
        self, case: Case, error: BaseException | None, jobs: Sequence[Job]
    ) -> BaseException | None:
        """What a case saw may be due to a target that has stopped, and had before the case."""
        main, ended = self.environment.main, time.monotonic()
        operations = self.history.of_case(case.id)
        missed = self._standstills.note(main, case.id, jobs, operations)
        if not missed or not isinstance(error, (Violation, Inconclusive)):
            return error
        found = await self._standstills.judge(error, missed, ended=ended)
        its_own = case.mark.alone and len(missed) < sum(job.system is main for job in jobs)
        return error if its_own else found

    async def _set_going_again(self) -> bool:
        """Launch the target anew, for what is to come, where it stands still and is ours."""
        if not self._standstills.stopped(self.environment.main):
            return False
        try:
            replaced = await self.environment.replace_main()
        except Inconclusive as trouble:
            self._standstills.give_up(f"it was launched anew, and {trouble}")
            return False
        if replaced:
            await self._standstills.begin(self.environment.main)
        return replaced

    async def _attribute_loss(
        self, case: Case, error: BaseException | None, began: float
    ) -> BaseException | None:
        """A target that is gone ends the run; a launched copy that is gone only its case.

        In a deployment that others run too, workers and replicas come and go: what a case saw
        while one went away accuses nobody, unless the case itself takes workers away.
        What Redis refuses to us, or does not answer, is not our own error.
        """
        if isinstance(error, RedisError):
            return outcome_of(error)
        if isinstance(error, Violation) and self._is_others(case):
            fleet = self.environment.main.fleet
            if gone := await fleet.gone_since(began):
                return Inconclusive(f"{gone}, while the case saw: {error}")
            return seen_through(error, fleet.in_front)
        if not isinstance(error, TargetUnreachable):
            return error
        if await self.environment.main.healthy():
            return Inconclusive(f"a target stopped answering: {error}")
        self.error = self.error or error
        return NotAssessed(f"the target is gone: {error}")

    def _is_others(self, case: Case) -> bool:
        """Whether somebody else may take workers away while the case runs."""
        launched = self.environment.main_lane is not None or self.config.lab
        access = case.mark.access or self.registry[case.mark.requirement].access
        destructive = self.registry[case.mark.requirement].destructive
        return not (launched or destructive or access is Access.LAUNCH)

    @asynccontextmanager
    async def _ground(self, case: Case) -> AsyncIterator[Binding]:
        """What the case runs on; closed behind it."""
        current_case.set(case.id)
        async with AsyncExitStack() as resources:
            system, lane = self.environment.main, None
            if case.mark.alone:
                destructive = self.registry[case.mark.requirement].destructive
                ground = self.environment.exclusive(destructive=destructive)
                system, lane = await resources.enter_async_context(ground)
            choice = random.Random(f"{self.config.seed} {case.id}")  # noqa: S311
            seen = tuple(self._standstills.seen)
            runs_on = lane or self.environment.main_lane
            printed = PrintedSince(runs_on.boot.logs if runs_on else ())
            launch = Launch(self.environment, resources)
            binding = Binding(system, lane, launch, choice, seen, printed)
            self._bindings[case.id] = binding
            yield binding

    async def _execute(
        self, session: pytest.Session, case: Case, binding: Binding, jobs: list[Job]
    ) -> BaseException | None:
        """What the case raised, if anything; the jobs that it submits are added to `jobs`."""
        jobs_of_case.set(jobs)
        bound_s = _LONGEST_CASE_S + 2 * case.mark.wait(binding.system.timings)
        began = time.monotonic()
        try:
            arguments = fill_fixtures(session, case.item)
            async with limited(bound_s):
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
                self.environment.history.of_case(case.id),
                area=self.registry[case.mark.requirement].area,
                strain=self._meter.since(began),
            )
        except Exception as error:  # noqa: BLE001  (whatever it is, it is the case's outcome)
            return error
        finally:
            await _cancel_leftovers(jobs)
        return None

    def _why_not(self, case: Case) -> CaseOutcome | None:
        return why_not_to_ask(
            self.registry[case.mark.requirement],
            case.mark,
            config=self.config,
            system=self.environment.main,
            able=self.able,
        )

    def _finish(
        self,
        session: pytest.Session,
        case: Case,
        error: BaseException | None,
        took_s: float,
        strain: Strain,
    ) -> None:
        company = bool(self._company.of(case))
        result = self._collector.enter(case, error, took_s, strain, in_company=company)
        if result is None:
            self.progress.postponed(case.id)
            return
        self.progress.finished(result)
        if result.verdict in (Verdict.FAILED, Verdict.ERROR):
            session.testsfailed += 1
            if self.config.stop_at_first and not self.interrupted:
                self._stop(STOPPED_AT_FIRST)
        session.testscollected = max(session.testscollected, 1)


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
