"""Rounds of cases whose parts note what is done: runner, barred cases and progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, TargetConfig, Timings
from queueproof.errors import (
    Violation,
)
from queueproof.history import History
from queueproof.requirements import Access
from queueproof.running import case_rounds
from queueproof.running.capabilities import Capabilities
from queueproof.running.case_rounds import CaseRounds
from queueproof.running.marks import CaseMark
from queueproof.running.result_collector import ResultCollector
from queueproof.running.run_end import RunEnd
from queueproof.running.standstill import MetStandstill
from queueproof.running.strain import Strain

from .. import virtual_time

SEEN = Violation(expected="this", actual="that")
STARVED = Strain(lag_s=0.9)
BARRED = MetStandstill("worker a begins no more jobs")


def case(name: str, **mark: Any) -> Any:
    return SimpleNamespace(
        id=name, title=name, mark=CaseMark(requirement=f"TEST-{name.upper()}", **mark)
    )


class Runner:
    """Each look takes a second and comes to what `outcomes` has next for the case."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.outcomes: dict[str, list[BaseException | None]] = {}
        self.took_s: dict[str, float] = {}
        self.at_work: set[str] = set()
        self.most_at_work = 0
        self.ground_fails: dict[str, Exception] = {}

    @asynccontextmanager
    async def ground(self, one: Any) -> AsyncIterator[Any]:
        if one.id in self.ground_fails:
            raise self.ground_fails[one.id]
        yield "ground"
        self.told.append(f"left {one.id}")

    async def execute(self, session: Any, one: Any, ground: Any, jobs: list[Any]) -> Any:
        assert session is self.session
        assert ground == "ground"
        assert jobs == []
        self.told.append(one.id)
        self.at_work.add(one.id)
        self.most_at_work = max(self.most_at_work, len(self.at_work))
        try:
            await asyncio.sleep(self.took_s.get(one.id, 1.0))
        finally:
            self.at_work.discard(one.id)
        outcomes = self.outcomes.get(one.id, [])
        jobs.append(f"job of {one.id}")
        return outcomes.pop(0) if outcomes else None


class Barred:
    """Which cases are barred, by name; after a launch anew none is."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.waiting: list[Any] = []
        self.names: set[str] = set()
        self.goes_again = False
        self.attributed: list[Any] = []

    async def bar(self, one: Any) -> bool:
        if one.id in self.names:
            self.waiting.append((one, BARRED))
        return one.id in self.names

    def release(self) -> list[Any]:
        released, self.waiting = self.waiting, []
        return released

    async def attribute(self, one: Any, error: Any, jobs: Sequence[Any]) -> Any:
        self.attributed.append((one.id, list(jobs)))
        return error

    async def set_going_again(self) -> bool:
        self.told.append("set going")
        if self.goes_again:
            self.names.clear()
        return self.goes_again


class Progress:
    """What a run tells while it runs, in one list with what its cases do."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.plans: list[tuple[str, str, float]] = []

    def phase(self, text: str) -> None:
        self.told.append(f"# {text}")

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        self.plans.append((case_id, requirement, wait_s))

    def started(self, case_id: str) -> None:
        self.told.append(f"started {case_id}")

    def postponed(self, case_id: str) -> None:
        self.told.append(f"postponed {case_id}")

    def finished(self, result: Any) -> None:
        self.told.append(f"{result.id}: {result.verdict.words}")


class Setting:
    """Rounds on a target without workers, whose parts note what is done."""

    def __init__(self, *, stop_at_first: bool = False, lanes: int = 0, at_once: int = 6) -> None:
        self.told: list[str] = []
        self.strain = Strain()
        self.asked_since: list[float] = []
        self.rows: dict[str, Any] = {}
        self.not_askable: dict[str, Exception] = {}
        self.stopped: list[str] = []
        self.session: Any = SimpleNamespace(testsfailed=0, testscollected=0)
        config = RunConfig(
            target=TargetConfig(cases_at_once=at_once),
            embedded=True,
            stop_at_first=stop_at_first,
        )
        fleet = SimpleNamespace(gone_since=self._nothing_gone, in_front="nginx")
        self.main: Any = SimpleNamespace(
            timings=Timings(), workers=(), fleet=fleet, lost_on_kept=self._nothing_lost
        )
        environment: Any = SimpleNamespace(
            main=self.main, lane_count=lanes, later_lane_count=lanes, main_lane=None
        )
        meter: Any = SimpleNamespace(since=self._strain_since)
        self.runner: Any = Runner(self.told)
        self.runner.session = self.session
        self.barred: Any = Barred(self.told)
        self.progress: Any = Progress(self.told)
        self.end = RunEnd()
        self.collector = ResultCollector(config, History())
        registry: Any = self
        self.rounds = CaseRounds(
            session=self.session,
            config=config,
            environment=environment,
            registry=registry,
            able=Capabilities(),
            progress=self.progress,
            meter=meter,
            runner=self.runner,
            barred=self.barred,
            collector=self.collector,
            end=self.end,
            stop=self.stopped.append,
        )

    def __getitem__(self, name: str) -> Any:
        row = {"access": Access.HTTP, "destructive": False}
        return SimpleNamespace(id=name, **{**row, **self.rows.get(name, {})})

    def _nothing_lost(self, _case: str, *, since: float) -> str:
        return "" if since else "never"

    async def _nothing_gone(self, when: float) -> str:
        self.asked_since.append(when - 1_000.0)
        return ""

    def _strain_since(self, began: float) -> Strain:
        self.asked_since.append(began - 1_000.0)
        return self.strain

    def play(self, *cases: Any) -> list[str]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(case_rounds, "why_not_to_ask", self._why_not)
            virtual_time.run(lambda: self.rounds.play(cases))
        return self.told

    def _why_not(self, row: Any, mark: Any, *, config: Any, system: Any, able: Any) -> Any:
        assert row.id == mark.requirement
        assert config.embedded
        assert system is self.main
        assert able == Capabilities()
        return self.not_askable.get(mark.requirement)

    @property
    def verdicts(self) -> dict[str, str]:
        return {each.id: each.verdict.words for each in self.collector.results}
