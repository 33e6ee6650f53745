"""The rounds in which cases are played: alone, side by side, and again where a doubt was left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from queueproof.config.model import RunConfig
from queueproof.errors import QueueproofError
from queueproof.requirements import Access, Registry
from queueproof.running.applicability import why_not_to_ask
from queueproof.running.barred_cases import BarredCases
from queueproof.running.capabilities import Capabilities
from queueproof.running.case_order import CaseSlots, arrange
from queueproof.running.case_runner import CaseRunner
from queueproof.running.collected import Case
from queueproof.running.company import Company
from queueproof.running.environment import Environment
from queueproof.running.lost_target import attribute_loss
from queueproof.running.progress import Progress
from queueproof.running.result_collector import ResultCollector
from queueproof.running.run_end import RunEnd
from queueproof.running.selection import STOPPED_AT_FIRST
from queueproof.running.strain import Strain, StrainMeter
from queueproof.targets.job import Job
from queueproof.targets.worker import Worker
from queueproof.verdicts import Verdict

# For all third looks of a run together: a doubt that is kept costs less than a run that never ends.
_COMPANY_S = 60.0
# Of the cases side by side: a target that stops whenever it is started is known by then.
_MOST_RELAUNCHES = 3


@dataclass(kw_only=True)
class CaseRounds:
    """Plays cases on one target until all have a result or the run's end is reached.

    `stop` ends the run from within, with a reason in words.
    """

    session: pytest.Session
    config: RunConfig
    environment: Environment
    registry: Registry
    able: Capabilities
    progress: Progress
    meter: StrainMeter
    runner: CaseRunner
    barred: BarredCases
    collector: ResultCollector
    end: RunEnd
    stop: Callable[[str], None]
    company: Company = field(default_factory=Company)

    async def play(self, cases: Sequence[Case]) -> None:
        """Every round: first looks, those side by side, and the looks that settle doubts."""
        askable = self._askable(cases)
        timings, apart = self.environment.main.timings, self.environment.lane_count > 0
        turns = arrange(askable, registry=self.registry, timings=timings, apart=apart)
        await self._in_turn(turns.first, "looking at the target before it is busy")
        await self.side_by_side(turns.together)
        await self._in_turn(turns.last, "running cases that need the target alone")
        # Once the machine has calmed down, ask again what nobody could be blamed for.
        self._give_up_barred()
        await self.barred.set_going_again()
        doubtful = self.collector.doubted(askable)
        await self._in_turn(doubtful, "looking again at what was seen under strain")
        self._give_up_barred()
        await self._in_company(self.collector.wanting_company(doubtful))
        await self._in_turn(turns.closing, "looking at what all of it has left behind")
        again = self.collector.doubted(turns.closing)
        await self._in_turn(again, "looking again at what was left behind")

    async def side_by_side(self, cases: Sequence[Case]) -> None:
        """Play cases together; those that a standstill bars, together on a target launched anew."""
        self.progress.phase("running cases side by side")
        await self._together(cases)
        for _ in range(_MOST_RELAUNCHES):
            if not self.barred.waiting or not await self.barred.set_going_again():
                return
            await self._together([case for case, _ in self.barred.release()])

    def finish(
        self, case: Case, error: BaseException | None, took_s: float, strain: Strain
    ) -> None:
        """What became of a look: a result, or a doubt that a later look settles."""
        company = bool(self.company.of(case))
        result = self.collector.enter(case, error, took_s, strain, in_company=company)
        if result is None:
            self.progress.postponed(case.id)
            return
        self.progress.finished(result)
        if result.verdict in (Verdict.FAILED, Verdict.ERROR):
            self.session.testsfailed += 1
            if self.config.stop_at_first and not self.end.interrupted:
                self.stop(STOPPED_AT_FIRST)
        self.session.testscollected = max(self.session.testscollected, 1)

    def _askable(self, cases: Sequence[Case]) -> list[Case]:
        """Those that can be asked here; the others come to their result at once."""
        askable, system = [], self.environment.main
        for case in cases:
            row = self.registry[case.mark.requirement]
            reason = why_not_to_ask(
                row, case.mark, config=self.config, system=system, able=self.able
            )
            if reason is not None:
                self.finish(case, reason, 0.0, Strain())
            else:
                askable.append(case)
                wait_s = case.mark.wait(system.timings)
                self.progress.planned(case.id, case.mark.requirement, wait_s)
        return askable

    async def _together(self, cases: Sequence[Case]) -> None:
        around = self.environment
        slots = CaseSlots(
            self.config.target.paced_cases,
            around.main.timings,
            lanes=around.lane_count,
            later_lanes=around.later_lane_count,
        )
        pulse = asyncio.create_task(self._measure_latency())
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    (case, group.create_task(self._one(case, slots.of(case)))) for case in cases
                ]
                await asyncio.gather(*(task for case, task in tasks if not slots.in_lane(case)))
                slots.widen()
        finally:
            pulse.cancel()
            await asyncio.wait({pulse})

    def _give_up_barred(self) -> None:
        """What a standstill has barred comes to no verdict, or to that of a later look."""
        for case, why in self.barred.release():
            self.finish(case, why, 0.0, Strain())

    async def _in_turn(self, cases: Sequence[Case], phase: str) -> None:
        if cases:
            self.progress.phase(phase)
        for case in cases:
            await self._one(case, asyncio.Semaphore())

    async def _in_company(self, cases: Sequence[Case]) -> None:
        """A third look, beside those that ran with the case at first; bounded in time altogether.

        What time does not suffice for keeps its doubt.
        """
        if cases:
            self.progress.phase("looking once more, in company")
        deadline = time.monotonic() + _COMPANY_S
        for case in cases:
            if time.monotonic() >= deadline:
                return
            company = [self._beside(other) for other in self.company.of(case)]
            beside = [asyncio.create_task(each) for each in company]
            try:
                await self._one(case, asyncio.Semaphore())
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    async def _beside(self, case: Case) -> None:
        """Run a case for company: whatever it sees has had its verdict already."""
        async with self.runner.ground(case) as binding:
            await self.runner.execute(self.session, case, binding, [])

    async def _one(self, case: Case, turn: asyncio.Semaphore) -> None:
        """One look at one case."""
        async with turn:
            if self.end.reached or await self.barred.bar(case):
                return
            error: BaseException | None = None
            began = time.monotonic()
            jobs: list[Job] = []
            try:
                async with self.runner.ground(case) as binding:
                    self.progress.started(case.id)
                    began = time.monotonic()
                    error = await self.runner.execute(self.session, case, binding, jobs)
                    took_s = time.monotonic() - began
            except Exception as trouble:  # noqa: BLE001  (of one case, not of the run)
                error, took_s = trouble, time.monotonic() - began
            self.company.note(case, began, began + took_s)
            main, ours = self.environment.main, self._is_ours(case)
            error = await attribute_loss(
                error, system=main, began=began, ours=ours, end=self.end, case=case.id
            )
            strain = self.meter.since(began)
            error = await self.barred.attribute(case, error, jobs)
            self.finish(case, error, took_s, strain)

    def _is_ours(self, case: Case) -> bool:
        """Whether nobody else takes workers away while the case runs."""
        launched = self.environment.main_lane is not None or self.config.lab
        row = self.registry[case.mark.requirement]
        access = case.mark.access or row.access
        return bool(launched or row.destructive or access is Access.LAUNCH)

    async def _measure_latency(self) -> None:
        """Of every worker: one may be swamped while the others answer at once."""
        await asyncio.gather(
            *(self._measure_worker(worker) for worker in self.environment.main.workers)
        )

    async def _measure_worker(self, worker: Worker) -> None:
        system = self.environment.main
        with suppress(QueueproofError):
            async with system.fleet.vantage(worker) as vantage:
                await self.meter.feel(
                    lambda: system.fleet.ping(vantage), every_s=system.fleet.upkeep.pulse_every_s
                )
