"""Whether somebody else moves the counters, and whether a cancel came while its job still ran."""

from __future__ import annotations

import ast
import asyncio
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.case_helpers.counter_delta import CounterDelta
from queueproof.errors import Inconclusive, Violation
from queueproof.expectations import expect_refusal
from queueproof.history import Outcome
from queueproof.probe import Probe
from queueproof.running.quiescence import _Watch
from queueproof.targets import traffic as module
from queueproof.targets.cancelling import cancel_running
from queueproof.targets.job import Job
from queueproof.targets.protocol import CancelReply, MonitorReply, Reply
from queueproof.targets.system import System
from queueproof.targets.traffic import rule_out_other_traffic
from queueproof.targets.worker import Worker

A = Worker("a", "1")


class Watched:
    """A system whose monitor says what was chosen, look by look."""

    def __init__(self, *said: dict[str, int], ours: bool = False) -> None:
        self.is_ours = ours
        self.timings = SimpleNamespace(cancel_effect_s=0.0)
        self.cancelled: list[object] = []
        self.looks = 0
        self._said = chain(said, repeat(said[-1]))

    async def healthy(self) -> bool:
        return True

    async def cancel(self, job: object) -> None:
        self.cancelled.append(job)

    async def monitors(self) -> dict[Worker, MonitorReply]:
        self.looks += 1
        return {A: MonitorReply(outcome=Outcome.OK, status=200, body=next(self._said))}


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watch for a moment."""
    monkeypatch.setattr(module, "_WATCHED_S", 0.2)
    monkeypatch.setattr(module, "_SETTLED_S", 0.0)


def watch(target: Watched, *jobs: object) -> None:
    asyncio.run(rule_out_other_traffic(cast(System, target), cast(Any, jobs)))


@pytest.mark.parametrize("name", ["active_jobs", "published", "dispatched_foreign"])
def test_what_rises_without_a_job_of_ours_is_other_traffic(name: str) -> None:
    with pytest.raises(Inconclusive, match=f"other traffic: {name} of worker a"):
        watch(Watched({name: 3}, {name: 2}, {name: 3}))


def test_what_falls_or_is_counted_late_is_no_traffic() -> None:
    target = Watched(
        {"active_jobs": 3, "polling_watchdog_kills": 1},
        {"active_jobs": 1, "polling_watchdog_kills": 2},
    )

    watch(target)

    assert target.looks > 2


def test_our_own_jobs_are_cancelled_first() -> None:
    target = Watched({"active_jobs": 0})

    watch(target, "one", "two")

    assert target.cancelled == ["one", "two"]


def test_a_target_that_was_launched_for_this_run_is_not_watched() -> None:
    target = Watched({"active_jobs": 0}, {"active_jobs": 1}, ours=True)

    watch(target)

    assert target.looks == 0


def accuse(target: Watched, *, holds: bool) -> None:
    tally = CounterDelta(cast(System, target), {A: {}}, 0)
    asyncio.run(tally.expect_that(holds, expected="+1", actual="+2"))


def test_a_counter_accuses_where_nobody_else_moves_it() -> None:
    accuse(Watched({"active_jobs": 0}), holds=True)
    with pytest.raises(Violation):
        accuse(Watched({"active_jobs": 0}), holds=False)


def test_a_counter_of_a_target_that_others_may_use_is_believed_when_it_says_so_twice() -> None:
    with pytest.raises(Violation) as seen:
        accuse(Watched({"active_jobs": 0}), holds=False)
    assert "another client's job" in seen.value.coincidence

    with pytest.raises(Violation) as seen:
        accuse(Watched({"active_jobs": 0}, ours=True), holds=False)
    assert seen.value.coincidence == ""


def test_no_case_accuses_by_counters_but_through_their_judge() -> None:
    """`expect_that` knows nothing of other clients: a case with a tally has no use for it."""
    suites = Path(__file__).parents[2] / "suites"
    bypassing = [
        f"{path.name}: {function.name}"
        for path in sorted(suites.rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.AsyncFunctionDef)
        and {"tally", "expect_that"} <= plain_names(function)
    ]

    assert bypassing == []


def plain_names(function: ast.AsyncFunctionDef) -> set[str]:
    """The names that it uses by themselves, not as another one's attribute."""
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def test_a_counter_accuses_nobody_beside_other_clients() -> None:
    with pytest.raises(Inconclusive):
        accuse(Watched({"active_jobs": 0}, {"active_jobs": 1}), holds=False)


# -- cancels -----------------------------------------------------------------------------


def cancel(*, at_s: float, taken: bool = True) -> CancelReply:
    reply = CancelReply(outcome=Outcome.OK, status=200, claims_success=taken)

    async def answer(*_: object, **__: object) -> CancelReply:
        return reply

    system = SimpleNamespace(cancel=answer, history=SimpleNamespace(now_s=lambda: at_s))
    probe = Probe(ticks=10, interval_s=1.0)
    job = Job(id="1", key="1", probe=probe, owner=A, submitted_s=100.0, system=cast(System, system))
    return asyncio.run(cancel_running(job, via=A))


def test_a_cancel_of_a_running_job_is_answered() -> None:
    assert cancel(at_s=105.0).claims_success


def test_a_cancel_that_is_not_taken_promises_nothing() -> None:
    with pytest.raises(Inconclusive, match="worker a did not take the cancel"):
        cancel(at_s=105.0, taken=False)


def test_a_cancel_after_the_jobs_own_end_proves_nothing() -> None:
    with pytest.raises(Inconclusive, match=r"answered 2\.0 s after the job's own end was due"):
        cancel(at_s=112.0)


# -- refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
def test_a_refusal_is_one(status: int) -> None:
    expect_refusal(Reply(outcome=Outcome.FAILED, status=status), to="a poll")


@pytest.mark.parametrize("status", [200, 302, 500, 503, None])
def test_everything_else_is_none(status: int | None) -> None:
    with pytest.raises(Violation):
        expect_refusal(Reply(outcome=Outcome.FAILED, status=status), to="a poll")


def test_a_user_who_is_not_let_in_says_nothing_of_the_job() -> None:
    with pytest.raises(Inconclusive, match="not let in"):
        expect_refusal(Reply(outcome=Outcome.FAILED, status=401), to="a poll")


# -- rest --------------------------------------------------------------------------------


def test_a_monitor_that_says_nothing_does_not_say_that_all_is_idle() -> None:
    assert _Watch({"a": {"active_jobs": 0}}).idle
    assert not _Watch({"a": {}}).idle
    assert not _Watch({"a": {"active_jobs": 1}}).idle


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({}, "the gauge fell below its start meanwhile (readers: a -4)"),
        ({A: 1}, "the gauge fell below its start meanwhile (readers: a -4)"),
    ],
)
def test_a_gauge_that_fell_below_its_start_settles_nothing(
    expected: dict[Worker, int], said: str
) -> None:
    """It lost what earlier jobs had left in it, and hid what was to be counted."""
    watched = cast(Any, Watched({"readers": 3}))
    watched.fleet = SimpleNamespace(identifier="some", scratch_jobs=0)
    tally = CounterDelta(watched, {A: {"readers": 7}}, 0)

    with pytest.raises(Inconclusive) as told:
        asyncio.run(tally.gauge_rises_to("readers", expected, within_s=0.1))

    assert str(told.value) == said
    same = CounterDelta(watched, {A: {"readers": 3}}, 0)
    assert asyncio.run(same.gauge_rises_to("readers", {}, within_s=0.1)) == {A: 0}
