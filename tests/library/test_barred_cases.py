"""Cases on a target that begins no more jobs: which wait, what is said, and how it is set going."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import HarnessError, Inconclusive, NotAssessed, Violation
from queueproof.running.barred_cases import BarredCases
from queueproof.running.marks import CaseMark
from queueproof.running.standstill import MetStandstill

WHY = MetStandstill("not played: worker a begins no more jobs")
MET = MetStandstill("worker a begins no more jobs; the case saw: …")


class Standstills:
    """A watch that answers as it is told, and notes what it is asked."""

    def __init__(self) -> None:
        self.why: MetStandstill | None = WHY
        self.stands_still = True
        self.missed: list[Any] = []
        self.asked: list[tuple[Any, ...]] = []

    async def bars(self, system: Any, *, for_one: bool) -> MetStandstill | None:
        self.asked.append(("bars", system, for_one))
        return self.why

    def note(self, system: Any, case: str, jobs: Any, operations: Any) -> list[Any]:
        self.asked.append(("note", system, case, jobs, operations))
        return self.missed

    async def judge(self, error: Any, missed: Any, *, ended: float) -> MetStandstill:
        assert ended > 0
        self.asked.append(("judge", error, missed))
        return MET

    def stopped(self, system: Any) -> Sequence[Any]:
        self.asked.append(("stopped", system))
        return [WHY] if self.stands_still else []

    async def begin(self, system: Any) -> None:
        self.asked.append(("begin", system))

    def give_up(self, why: str) -> None:
        self.asked.append(("give up", why))


class Setting:
    """Barred cases of one target, `main`; `new` takes its place when it is launched anew."""

    def __init__(self, *, lanes: int = 0, main_lane: object = None) -> None:
        self.environment: Any = SimpleNamespace(
            main="main", main_lane=main_lane, lane_count=lanes, replace_main=self.replace
        )
        self.watch: Any = Standstills()
        self.jobs: Any = []
        self.replaced: bool | Inconclusive = True
        history: Any = SimpleNamespace(of_case=lambda case: f"operations of {case}")
        self.barred = BarredCases(self.environment, self.watch, history)

    async def replace(self) -> bool:
        if isinstance(self.replaced, Inconclusive):
            raise self.replaced
        if self.replaced:
            self.environment.main = "new"
        return self.replaced


def case(**mark: Any) -> Any:
    return SimpleNamespace(id="case", mark=CaseMark(requirement="TEST-001", **mark))


def barred(setting: Setting, **mark: Any) -> bool:
    return asyncio.run(setting.barred.bar(case(**mark)))


def test_a_case_waits_where_a_standstill_bars_it() -> None:
    setting, one = Setting(), case()

    assert asyncio.run(setting.barred.bar(one))
    assert setting.barred.waiting == [(one, WHY)]
    assert setting.barred.release() == [(one, WHY)]
    assert setting.barred.release() == setting.barred.waiting == []


def test_a_case_is_played_where_nothing_bars_it() -> None:
    setting = Setting()
    setting.watch.why = None

    assert not barred(setting)
    assert setting.barred.waiting == []


def test_of_a_target_that_is_ours_one_worker_that_stands_still_is_enough() -> None:
    for setting, for_one in ((Setting(), False), (Setting(main_lane=object()), True)):
        barred(setting)
        assert setting.watch.asked == [("bars", "main", for_one)]


def test_a_case_with_a_target_of_its_own_and_one_that_closes_the_run_are_always_played() -> None:
    copies, none = Setting(lanes=2), Setting()

    assert not barred(copies, alone=True)
    assert not barred(none, closing=True)
    assert copies.watch.asked == none.watch.asked == []
    assert barred(copies)
    assert barred(none, alone=True)


# -- what a case saw -----------------------------------------------------------------------------


def attributed(setting: Setting, error: Any, *systems: str, alone: bool = False) -> Any:
    setting.jobs = [SimpleNamespace(system=system) for system in systems]
    return asyncio.run(setting.barred.attribute(case(alone=alone), error, setting.jobs))


@pytest.mark.parametrize(
    "error", [Violation(expected="this", actual="that"), Inconclusive("who knows")]
)
def test_what_was_seen_of_jobs_that_never_began_may_be_the_standstills(error: Any) -> None:
    setting = Setting()
    setting.watch.missed = ["job"]

    assert attributed(setting, error, "main") is MET
    assert setting.watch.asked == [
        ("note", "main", "case", setting.jobs, "operations of case"),
        ("judge", error, ["job"]),
    ]


def test_where_every_job_began_what_was_seen_stays() -> None:
    setting, error = Setting(), Inconclusive("who knows")

    assert attributed(setting, error, "main") is error
    assert len(setting.watch.asked) == 1


@pytest.mark.parametrize("error", [None, NotAssessed("no access"), HarnessError("ours")])
def test_what_accuses_nobody_needs_no_excuse(error: Any) -> None:
    setting = Setting()
    setting.watch.missed = ["job"]

    assert attributed(setting, error, "main") is error
    assert len(setting.watch.asked) == 1


@pytest.mark.parametrize(
    ("alone", "systems", "its_own"),
    [
        (True, ["main", "main"], True),
        (True, ["main"], False),
        (True, ["main", "a copy"], False),
        (True, ["a copy", "a copy"], False),
        (False, ["main", "main"], False),
    ],
)
def test_one_that_was_alone_and_whose_other_jobs_began_is_judged_as_it_saw_it(
    alone: bool, systems: list[str], its_own: bool
) -> None:
    """It has disturbed the target itself; still the look is made, for the cases behind it."""
    setting, error = Setting(), Inconclusive("who knows")
    setting.watch.missed = ["job"]

    told = attributed(setting, error, *systems, alone=alone)

    assert told is (error if its_own else MET)
    assert setting.watch.asked[1][0] == "judge"


# -- set going again -----------------------------------------------------------------------------


def set_going(setting: Setting) -> bool:
    return asyncio.run(setting.barred.set_going_again())


def test_a_target_that_stands_still_is_launched_anew_and_its_workers_are_met() -> None:
    setting = Setting()

    assert set_going(setting)
    assert setting.watch.asked == [("stopped", "main"), ("begin", "new")]


def test_one_that_goes_or_is_not_ours_stays() -> None:
    going, others = Setting(), Setting()
    going.watch.stands_still = False
    others.replaced = False

    assert not set_going(going)
    assert not set_going(others)
    assert going.watch.asked == others.watch.asked == [("stopped", "main")]


def test_one_that_does_not_serve_when_launched_anew_is_given_up() -> None:
    setting = Setting()
    setting.replaced = Inconclusive("it does not serve")

    assert not set_going(setting)
    assert setting.watch.asked[1:] == [("give up", "it was launched anew, and it does not serve")]
