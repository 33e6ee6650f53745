"""Results and failing jobs in an outage: what a queue owes of both, and what the outage excuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queueproof.checkers.computed_results import check_results
from queueproof.checkers.failing_jobs import check_failing
from queueproof.checkers.findings import Finding, Status, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory
from queueproof.checkers.queue_outages import check_outlived
from queueproof.history import EventKind, Operation
from tests.chaos.queue_lives import ALL, life, operation, outage

PROMISES = {"redelivery_s": 8.0, "delivery": "at-least-once", "results_s": 600.0, "retries": 3}
END, ERROR = EventKind.END, EventKind.ERROR


def asked(at_s: float, told: str | None, *, status: int = 200) -> Operation:
    facts = {"wanted": "answer-j"} | ({} if told is None else {"result": told})
    return replace(operation("result", at_s, "j", **facts), status=status)


def findings(*asks: Operation, **more: Any) -> list[Finding]:
    one = replace(life(ticks=ALL, told=END), results=asks)
    return check_results(outage(one, promises=PROMISES, **more))


def judged(*asks: Operation, **more: Any) -> Finding:
    [finding] = findings(*asks, **more)
    return finding


def test_a_result_is_what_the_job_computed_when_it_was_asked_for_last() -> None:
    late = [asked(30.0, "None"), asked(31.0, "answer-j")]

    assert judged(asked(30.0, "answer-j")) == held(30.0, job="j")
    assert judged(*late) == held(31.0, job="j")
    assert check_results(outage(life(ticks=ALL, told=END))) == []


@pytest.mark.parametrize(
    ("told", "status", "words"),
    [
        ("None", 200, "200, none"),
        ("", 200, "200, none"),
        (None, 404, "404, none"),
        ("answer-k", 200, "'answer-k', not 'answer-j'"),
    ],
)
def test_a_result_that_is_gone_or_anothers_is_accused(
    told: str | None, status: int, words: str
) -> None:
    finding = judged(asked(30.0, told, status=status), asked(42.0, told, status=status))

    assert finding == broken(
        42.0,
        expected="the result of a job that is told to have completed is what it computed",
        actual=f"12.0 s after its end was told: {words}",
        job="j",
        errand=0,
    )


def test_a_result_that_was_not_told_or_waited_for_accuses_nobody() -> None:
    refused = judged(asked(30.0, None, status=503), asked(42.0, None, status=503))

    assert refused == doubtful(42.0, actual="a result was not told", job="j")
    assert judged(asked(30.0, "None")).actual == "its result was not waited for"
    assert findings(asked(30.0, "None"), asked(700.0, "None")) == []


def test_with_its_data_a_result_may_go_but_not_become_another() -> None:
    gone = findings(asked(30.0, "None"), asked(42.0, None, status=404), costs="data")
    other = judged(asked(30.0, "answer-k"), asked(42.0, "answer-k"), costs="data")

    assert gone == []
    assert other.status is Status.BROKEN


def test_of_two_jobs_with_one_id_nobody_knows_whose_result_it_is() -> None:
    one = replace(life(ticks=ALL, told=END), results=(asked(30.0, "answer-k"),))

    assert check_results(outage(one, one, promises=PROMISES)) == []


def failing(
    runs: list[float],
    told: EventKind | None,
    *,
    retries: int = 3,
    fail_times: int = 0,
    submitted_s: float = 1.0,
    told_s: float = 30.0,
) -> JobHistory:
    """A job that always fails, or so often; each of its runs does one tick."""
    one = life(ticks=[(0, at_s) for at_s in runs], told=told, told_s=told_s, planned=1)
    wanted = {"retries": retries, "fail_times": fail_times} if fail_times else {"retries": retries}
    wanted |= {} if fail_times else {"fail_at": 1}
    submit = replace(one.submit, asked=wanted, invoked_s=submitted_s)
    return replace(one, submit=submit)


def verdict_on(one: JobHistory, **more: Any) -> Status:
    [finding] = check_failing(outage(one, **{"promises": PROMISES, **more}))
    return finding.status


FOUR = [2.0, 3.0, 8.0, 9.0]


@pytest.mark.parametrize(
    ("runs", "told", "status"),
    [
        (FOUR, ERROR, Status.HELD),
        (FOUR[:3], ERROR, Status.HELD),
        ([*FOUR, 10.0], ERROR, Status.HELD),
        (FOUR, END, Status.BROKEN),
        (FOUR, None, Status.BROKEN),
        (FOUR[:2], ERROR, Status.BROKEN),
        ([*FOUR, 10.0, 11.0], ERROR, Status.BROKEN),
    ],
    ids=[
        "as asked",
        "one lost",
        "one repeated",
        "success",
        "untold",
        "two too few",
        "two too many",
    ],
)
def test_a_job_that_always_fails_is_run_as_often_as_asked_but_for_an_interruption(
    runs: list[float], told: EventKind | None, status: Status
) -> None:
    assert verdict_on(failing(runs, told)) is status


def test_a_job_of_which_no_retries_were_asked_may_have_those_that_every_job_has() -> None:
    """A queue that counts the runs of lost workers as retries gives every job some."""
    behind = [13.0, 14.0, 15.0, 16.0]

    assert verdict_on(failing(behind[:1], ERROR, retries=0, submitted_s=12.5)) is Status.HELD
    assert verdict_on(failing(behind, ERROR, retries=0, submitted_s=12.5)) is Status.HELD
    assert verdict_on(failing([*behind, 17.0], ERROR, retries=0, submitted_s=12.5)) is Status.BROKEN
    assert verdict_on(failing(behind, ERROR, retries=2, submitted_s=12.5)) is Status.BROKEN
    assert verdict_on(failing(behind, END, retries=0, submitted_s=12.5)) is Status.BROKEN


def test_what_is_said_of_a_failing_job() -> None:
    [finding] = check_failing(outage(failing(FOUR, END), promises=PROMISES))

    assert finding == broken(
        30.0,
        expected="4 runs, and then told to have failed",
        actual="4 runs, told: end",
        job="j",
        errand=0,
    )


def test_runs_that_meet_the_outage_may_each_be_repeated() -> None:
    met = [2.0, 3.0, 4.5, 5.5, 6.5, 8.0, 9.0]

    assert verdict_on(failing(met, ERROR)) is Status.HELD
    assert verdict_on(failing([*met, 10.0], ERROR)) is Status.BROKEN


def test_a_job_that_came_behind_the_outage_was_not_interrupted() -> None:
    assert verdict_on(failing([13.0, 14.0, 15.0], ERROR, submitted_s=12.5)) is Status.BROKEN


def test_a_crash_loop_may_interrupt_often() -> None:
    assert verdict_on(failing([*FOUR, 10.0, 11.0, 12.0], ERROR), interruptions=100) is Status.HELD


def test_a_job_that_succeeds_at_last_is_told_to_have_completed() -> None:
    runs = [2.0, 3.0, 8.0]

    assert verdict_on(failing(runs, END, fail_times=2, retries=4)) is Status.HELD
    assert verdict_on(failing(runs, ERROR, fail_times=2, retries=4)) is Status.BROKEN
    assert verdict_on(failing(runs, ERROR, fail_times=2, retries=2)) is Status.DOUBTFUL


def test_who_does_not_promise_to_run_lost_jobs_again_may_tell_them_as_failed() -> None:
    promises = {**PROMISES, "delivery": ""}

    assert verdict_on(failing(FOUR[:1], ERROR), promises=promises) is Status.HELD
    assert verdict_on(failing(FOUR[:1], END), promises=promises) is Status.BROKEN
    assert check_failing(outage(failing(FOUR[:2], None), promises=promises)) == []
    behind = failing([13.0], ERROR, submitted_s=12.5)
    assert verdict_on(behind, promises=promises) is Status.BROKEN


def test_an_end_that_was_not_watched_for_long_enough_is_not_missed() -> None:
    one = failing(FOUR, None)

    assert [
        each.status for each in check_failing(outage(one, promises=PROMISES, ended_s=20.0))
    ] == [Status.DOUBTFUL]
    assert check_failing(outage(one, promises=PROMISES, costs="data")) == []


def test_a_job_that_was_asked_to_fail_need_not_come_to_a_good_end() -> None:
    assert check_outlived(outage(failing([], ERROR))) == []
