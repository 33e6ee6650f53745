"""A target that stands still is launched anew for cases that wait for it; none of them is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers.plain_job import PlainStart, StartOutcome
from queueproof.errors import Inconclusive
from queueproof.history import History
from queueproof.running import standstill
from queueproof.running.barred_cases import BarredCases
from queueproof.running.case_rounds import CaseRounds
from queueproof.running.progress import NullProgress
from queueproof.running.standstill import MetStandstill, Standstill, StandstillWatch, _Record
from queueproof.running.strain import StrainMeter
from queueproof.targets.worker import Worker

WORKER = Worker("a", "process-1")
STANDS_STILL = Standstill(worker="a", begun_s=1.0, begun_by="one", missed_s=2.0, missed_by="two")
CASES: Any = [SimpleNamespace(id=name) for name in ("one", "two")]
NOTHING: Any = SimpleNamespace()


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


class Rounds(CaseRounds):
    """Their target stands still; `barred_cases` are not played, each time anew."""

    barred_cases: Sequence[Any] = ()
    for_ever = True

    async def _together(self, cases: Sequence[Any]) -> None:
        self.played.append([case.id for case in cases])
        if self.for_ever or len(self.played) == 1:
            self.stand_still()
            self.barred.waiting += [
                (case, MetStandstill("not played")) for case in self.barred_cases
            ]

    def stand_still(self) -> None:
        record = _Record(WORKER, standstill=STANDS_STILL)
        self.watch._system, self.watch._records = self.environment.main, {"a": record}
        self.watch.seen.append(STANDS_STILL)

    def left_unplayed(self) -> list[str]:
        """Those that are left without having been played."""
        asyncio.run(self.side_by_side(CASES))
        return [case.id for case, _ in self.barred.waiting]


def rounds(barred: Sequence[Any], *, for_ever: bool = True) -> Any:
    """Rounds on a target that stands still, and what is seen of them."""
    parts = dict.fromkeys((field.name for field in fields(CaseRounds)), NOTHING)
    environment: Any = Environment()
    watch = StandstillWatch(StrainMeter())
    parts |= {
        "environment": environment,
        "progress": NullProgress(),
        "barred": BarredCases(environment, watch, History()),
    }
    made: Any = Rounds(**parts)
    made.watch, made.played = watch, []
    made.barred_cases, made.for_ever = barred, for_ever
    return made


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
    run = rounds(CASES[:1], for_ever=False)

    assert run.left_unplayed() == []
    assert run.played == [["one", "two"], ["one"]]
    assert run.environment.relaunches == 1
    assert met == [run.environment.main]


def test_cases_that_are_barred_for_ever_are_not_lost() -> None:
    """They come to a verdict, with the standstill as its reason, when those are given up."""
    run = rounds(CASES)

    assert run.left_unplayed() == ["one", "two"]
    assert len(run.played) == 1 + run.environment.relaunches == 4


def test_nothing_is_launched_anew_for_no_case() -> None:
    run = rounds([])

    assert run.left_unplayed() == []
    assert run.environment.relaunches == 0


def test_a_target_that_was_launched_anew_is_not_once_more() -> None:
    """What the one before it was seen to do stays told."""

    async def scenario(run: Any) -> None:
        run.stand_still()

        assert await run.barred.set_going_again()
        assert not await run.barred.set_going_again()

    run = rounds([])
    asyncio.run(scenario(run))

    assert run.environment.relaunches == 1
    assert run.watch.seen == [STANDS_STILL]


def test_a_target_that_does_not_serve_when_launched_anew_leaves_its_cases_barred() -> None:
    run = rounds(CASES)
    run.environment.serves = False

    assert run.left_unplayed() == ["one", "two"]
    assert run.environment.relaunches == 1
