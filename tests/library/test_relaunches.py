"""A target that stands still is launched anew for cases that wait for it; none of them is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers.plain_job import PlainStart, StartOutcome
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import Inconclusive
from queueproof.running import standstill
from queueproof.running.plugin import ConformanceRun
from queueproof.running.progress import NullProgress
from queueproof.running.standstill import MetStandstill, Standstill, _Record
from queueproof.targets.worker import Worker

WORKER = Worker("a", "process-1")
STANDS_STILL = Standstill(worker="a", begun_s=1.0, begun_by="one", missed_s=2.0, missed_by="two")
CASES: Any = [SimpleNamespace(id=name) for name in ("one", "two")]
SESSION: Any = SimpleNamespace()


class Environment:
    """Launches a target anew as often as it is asked to."""

    def __init__(self) -> None:
        self.relaunches = 0
        self.serves = True
        self.main: Any = None
        self._launch()

    async def replace_main(self) -> bool:
        self.relaunches += 1
        if not self.serves:
            raise Inconclusive("the launched target does not serve")
        self._launch()
        return True

    def _launch(self) -> None:
        history = SimpleNamespace(now_s=lambda: 0.0)
        self.main = SimpleNamespace(workers=(WORKER,), history=history, within=lambda _: 5.0)


class Run(ConformanceRun):
    """Its target stands still; `barred` are the cases that are not played, each time anew."""

    def __init__(self, barred: Sequence[Any], *, for_ever: bool = True) -> None:
        super().__init__(RunConfig(target=TargetConfig(), embedded=True), NullProgress())
        self.launched = Environment()
        self.environment: Any = self.launched
        self.barred = barred
        self.for_ever = for_ever
        self.rounds: list[list[str]] = []

    async def _together(self, _: Any, cases: Sequence[Any]) -> None:
        self.rounds.append([case.id for case in cases])
        if self.for_ever or len(self.rounds) == 1:
            self._stand_still()
            self._unplayed += [(case, MetStandstill("not played")) for case in self.barred]

    def _stand_still(self) -> None:
        record = _Record(WORKER, standstill=STANDS_STILL)
        self._standstills._system, self._standstills._records = self.launched.main, {"a": record}
        self._standstills.seen.append(STANDS_STILL)

    def side_by_side(self) -> list[str]:
        """Those that are left without having been played."""
        asyncio.run(self._side_by_side(SESSION, CASES))
        return [case.id for case, _ in self._unplayed]


@pytest.fixture(autouse=True)
def met(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The targets whose worker was asked for a plain job."""
    systems = []

    async def start(system: Any, worker: Worker, **_: Any) -> PlainStart:
        systems.append(system)
        return PlainStart(worker=worker, outcome=StartOutcome.BEGUN)

    monkeypatch.setattr(standstill, "start_plain_job", start)
    return systems


def test_cases_that_were_barred_are_played_on_a_target_launched_anew(met: list[Any]) -> None:
    """Its workers are met first, so that one of them that stops is known to have begun jobs."""
    run = Run(CASES[:1], for_ever=False)

    assert run.side_by_side() == []
    assert run.rounds == [["one", "two"], ["one"]]
    assert run.launched.relaunches == 1
    assert met == [run.launched.main]


def test_cases_that_are_barred_for_ever_are_not_lost() -> None:
    """They come to a verdict, with the standstill as its reason, when those are given up."""
    run = Run(CASES)

    assert run.side_by_side() == ["one", "two"]
    assert len(run.rounds) == 1 + run.launched.relaunches == 4


def test_nothing_is_launched_anew_for_no_case() -> None:
    run = Run([])

    assert run.side_by_side() == []
    assert run.launched.relaunches == 0


def test_a_target_that_was_launched_anew_is_not_once_more() -> None:
    """What the one before it was seen to do stays told."""

    async def scenario(run: Run) -> None:
        run._stand_still()

        assert await run._set_going_again()
        assert not await run._set_going_again()

    run = Run([])
    asyncio.run(scenario(run))

    assert run.launched.relaunches == 1
    assert run.standstills == [STANDS_STILL]


def test_a_target_that_does_not_serve_when_launched_anew_leaves_its_cases_barred() -> None:
    run = Run(CASES)
    run.launched.serves = False

    assert run.side_by_side() == ["one", "two"]
    assert run.launched.relaunches == 1
