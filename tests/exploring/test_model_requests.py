"""What is said of submits, cancels, other users, unknown jobs and the monitor, word for word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from queueproof.exploring.model import Judgement, ModelFinding, judge
from queueproof.exploring.model.causes import MARGIN_S
from queueproof.exploring.model.request_rules import judge_act, judge_ids
from queueproof.exploring.record import Act, Disturbance, JobSeen, Record
from queueproof.exploring.steps import Kind

from .records import ENDLESS, act, job, poll, record


def judged(seen: Record) -> Judgement:
    judgement = Judgement()
    for each in seen.acts:
        judge_act(seen, each, judgement)
    return judgement


def kept(*requirements: str) -> Judgement:
    return Judgement([], Counter(requirements))


def broken(
    rule: str, requirement: str, expected: str, actual: str, *, of: int = 0, times: int = 1
) -> Judgement:
    finding = ModelFinding(
        rule=rule, requirement=requirement, expected=expected, actual=actual, job=of
    )
    return Judgement([finding], Counter({requirement: times}))


def silent(kind: Kind, *, took_s: float, what: str = "", of: int = 1) -> Act:
    """A request that was asked at 0.5 s and not answered for so long."""
    asked = act(kind, "b", at_s=0.5, ok=False, what=what, of=of)
    return replace(asked, ended_s=0.5 + took_s, status=None)


def answered(one: Act, status: int, detail: str = "") -> Act:
    return replace(one, status=status, detail=detail)


def disturbed(seen: Record, via: str, from_s: float = 0.0) -> Record:
    seen.disturbances.append(Disturbance(kind=Kind.PAUSE, via=via, from_s=from_s, until_s=9.0))
    return seen


# -- ids -------------------------------------------------------------------------------------


def ids(*names: str) -> Judgement:
    judgement = Judgement()
    jobs = [replace(job(number), id=name) for number, name in enumerate(names)]
    judge_ids(record(*jobs), judgement)
    return judgement


def test_two_jobs_have_two_ids() -> None:
    assert ids("x") == Judgement()
    assert ids("x", "y") == kept("SUBM-001")
    assert ids("x", "y", "x", "x") == broken(
        "job ids", "SUBM-001", "a job id of its own for every submit", "2 of 4 ids came twice"
    )


# -- which acts are judged -------------------------------------------------------------------


def test_a_request_is_not_judged_while_its_worker_is_out_of_order() -> None:
    refused = act(Kind.SUBMIT, "b", at_s=0.5, ok=False)

    assert judged(disturbed(record(job(), refused), "b")) == Judgement()
    assert judged(disturbed(record(job(), refused), "b", from_s=0.6)).findings
    assert judged(disturbed(record(job(), refused), "a")).findings


def test_polls_and_waits_are_no_business_of_these_rules() -> None:
    assert judged(record(job(), poll("b"), act(Kind.WAIT, "b", at_s=0.5, ok=False))) == Judgement()


def test_all_of_a_record_is_judged_by_these_rules() -> None:
    refused = act(Kind.SUBMIT, "b", at_s=0.5, ok=False, of=9)
    twin = replace(job(2), id="job-1")

    found = judge(record(job(), twin, refused, replace(refused, job=8))).findings

    assert [(one.requirement, one.job) for one in found] == [
        ("SUBM-001", 0),
        ("SUBM-002", 9),
        ("SUBM-002", 8),
    ]


# -- submits ---------------------------------------------------------------------------------


def test_a_submit_is_accepted() -> None:
    refused = answered(act(Kind.SUBMIT, "b", at_s=0.5, ok=False, of=3), 507, "no room")

    assert judged(record(act(Kind.SUBMIT, "b", at_s=0.5, ok=True))) == kept("SUBM-002")
    assert judged(record(refused)) == broken(
        "a submit's answer", "SUBM-002", "worker b accepts a submit", "507 no room", of=3
    )


def test_a_submit_is_answered_within_its_bound() -> None:
    assert judged(record(silent(Kind.SUBMIT, took_s=1.75))) == Judgement()
    assert judged(record(silent(Kind.SUBMIT, took_s=2.0, of=3))) == broken(
        "a submit's answer", "SUBM-002", "worker b accepts a submit", "no answer", of=3
    )


# -- cancels ---------------------------------------------------------------------------------


def works(*at_s: float) -> JobSeen:
    return replace(job(probe=ENDLESS), sightings=list(enumerate(at_s)))


RUNNING = works(0.1, 0.3, 1.0)
CANCELLED = "a cancel of the running job 1 via b is answered with success"


def test_a_cancel_of_a_running_job_is_answered_with_success() -> None:
    refused = answered(act(Kind.CANCEL, "b", at_s=0.5, ok=False), 404, "no such job")

    assert judged(record(RUNNING, act(Kind.CANCEL, "b", at_s=0.5, ok=True))) == kept("CANC-001")
    assert judged(record(RUNNING, refused)) == broken(
        "a cancel's answer", "CANC-001", CANCELLED, "404 no such job", of=1
    )


def test_every_success_is_an_occasion() -> None:
    cancels = [act(Kind.CANCEL, "b", at_s=at_s, ok=True) for at_s in (0.5, 0.7)]

    assert judged(record(RUNNING, *cancels)) == kept("CANC-001", "CANC-001")


def test_a_cancel_is_answered_within_its_bound() -> None:
    works_on = works(0.1, 9.0)

    assert judged(record(works_on, silent(Kind.CANCEL, took_s=1.75))) == Judgement()
    assert judged(record(works_on, silent(Kind.CANCEL, took_s=2.0))) == broken(
        "a cancel's answer", "CANC-001", CANCELLED, "no answer", of=1
    )


@pytest.mark.parametrize(
    ("sightings", "accused"),
    [
        ((), False),
        ((0.1, 0.75 + MARGIN_S), False),
        ((0.1, 0.76 + MARGIN_S), True),
    ],
)
def test_a_job_that_was_over_may_not_be_there_to_be_cancelled(
    sightings: tuple[float, ...], accused: bool
) -> None:
    refused = replace(act(Kind.CANCEL, "b", at_s=0.5, ok=False), ended_s=0.75)

    judgement = judged(record(works(*sightings), refused))

    assert bool(judgement.findings) is accused
    assert judgement.judged == {"CANC-001": 1}


@pytest.mark.parametrize(("earlier_s", "accused"), [(0.49, False), (0.5, True)])
def test_what_may_have_ended_the_job_before_excuses_a_refusal(
    earlier_s: float, accused: bool
) -> None:
    """A cause that was sent in the same moment does not."""
    refused = act(Kind.CANCEL, "b", at_s=0.5, ok=False)
    seen = disturbed(record(RUNNING, refused), "a", from_s=earlier_s)

    judgement = judged(seen)

    assert [one.requirement for one in judgement.findings] == ["CANC-001"] * accused
    assert judgement.judged == {"CANC-001": 1}


# -- other users -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "requirement"),
    [
        ("poll", "ACCS-008"),
        ("stream", "ACCS-009"),
        ("cancel", "CANC-009"),
        ("monitor", "ACCS-003"),
    ],
)
def test_another_user_is_refused(what: str, requirement: str) -> None:
    served = act(Kind.INTRUDE, "b", at_s=0.5, ok=True, what=what, of=3)
    refused = replace(served, status=499, accepted=False)

    assert judged(record(refused)) == kept(requirement)
    assert judged(record(replace(served, detail="here it is"))) == broken(
        "an intrusion",
        requirement,
        f"another user's {what} is refused",
        "200 here it is via b",
        of=3,
    )


@pytest.mark.parametrize("status", [None, 500, 503])
def test_a_server_that_broke_down_has_not_served_another_user(status: int | None) -> None:
    intruding = act(Kind.INTRUDE, "b", at_s=0.5, ok=True, what="poll")

    assert judged(record(replace(intruding, status=status))) == Judgement()


# -- unknown jobs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "requirement"), [("poll", "POLL-007"), ("stream", "STRM-010"), ("cancel", "CANC-008")]
)
def test_a_job_that_never_was_is_refused(what: str, requirement: str) -> None:
    served = act(Kind.STRANGER, "b", at_s=0.5, ok=True, what=what, of=0)
    refused = replace(served, status=404, accepted=False)

    assert judged(record(refused)) == kept(requirement)
    assert judged(record(replace(refused, status=499))) == kept(requirement)
    assert judged(record(replace(served, ended_s=1.5))) == broken(
        "an unknown job",
        requirement,
        f"a {what} of a job that never was is refused",
        "200 via b after 1.0 s",
    )
    for status in (500, 503):
        assert judged(record(replace(served, status=status))) == Judgement()


@pytest.mark.parametrize(("what", "bound_s"), [("poll", 4.0), ("stream", 4.0), ("cancel", 2.0)])
def test_a_request_on_a_job_that_never_was_is_answered_within_its_bound(
    what: str, bound_s: float
) -> None:
    """A poll or a stream may be held before that."""
    within = silent(Kind.STRANGER, took_s=bound_s - 0.25, what=what)
    [found] = judged(record(silent(Kind.STRANGER, took_s=bound_s, what=what))).findings

    assert judged(record(within)) == Judgement()
    assert found.actual == f"no answer via b after {bound_s:.1f} s"
    assert found.job == 0


# -- the monitor -----------------------------------------------------------------------------


def looked(body: dict[str, Any]) -> Act:
    """A look at worker b, from 0.5 to 0.75 s."""
    return replace(act(Kind.LOOK, "b", at_s=0.5, ok=True, of=0), ended_s=0.75, body=body)


def look(*jobs: JobSeen, **body: Any) -> Judgement:
    return judged(record(*jobs, looked(body)))


def at_b(number: int, times: Iterable[float] = (0.1, 1.0)) -> JobSeen:
    return replace(job(number, owner="b", probe=ENDLESS), sightings=list(enumerate(times)))


@pytest.mark.parametrize(
    ("name", "requirement"), [("active_jobs", "MONI-004"), ("bridge_count", "MONI-006")]
)
def test_a_gauge_counts_the_jobs_that_run(name: str, requirement: str) -> None:
    assert look(at_b(1), at_b(2), **{name: 2}) == kept(requirement)
    assert look(at_b(1), at_b(2), **{name: 3}) == kept(requirement)
    assert look(at_b(1), at_b(2), **{name: 1}) == broken(
        "the monitor", requirement, f"{name} of worker b is 2 at least", "1"
    )


def test_a_monitor_that_refuses_or_says_nothing_is_not_judged() -> None:
    refused = replace(
        looked({"active_jobs": 0, "cancel_dispatcher_running": False}), accepted=False
    )

    assert judged(record(at_b(1), refused)) == Judgement()
    assert look(at_b(1)) == Judgement()


def test_the_second_gauge_is_judged_without_the_first() -> None:
    assert look(at_b(1), active_jobs=1, bridge_count=0).judged == {"MONI-004": 1, "MONI-006": 1}


@pytest.mark.parametrize("told", [None, "many", "1", [1], {"of": 1}, True, float("nan"), 1.5])
def test_a_gauge_that_is_no_whole_number_is_no_count(told: Any) -> None:
    """Of what kind a field is, another requirement says; no look ends the judging."""
    assert look(at_b(1), active_jobs=told, bridge_count=1) == kept("MONI-006")


@pytest.mark.parametrize(
    ("times", "runs"),
    [
        ((), False),
        ((0.5 - MARGIN_S, 1.0), False),
        ((0.49 - MARGIN_S, 1.0), True),
        ((0.1, 0.75 + MARGIN_S), False),
        ((0.1, 0.76 + MARGIN_S), True),
        ((0.1,), False),
        ((1.0,), False),
    ],
)
def test_a_job_surely_runs_that_worked_before_and_after(
    times: tuple[float, ...], runs: bool
) -> None:
    assert bool(look(at_b(1, times), active_jobs=0).findings) is runs


def test_jobs_of_other_workers_are_not_counted() -> None:
    elsewhere = replace(at_b(1), owner="a")

    assert look(elsewhere, active_jobs=0) == kept("MONI-004")


@pytest.mark.parametrize("told", [False, None, 1, "true"])
def test_the_dispatcher_runs(told: Any) -> None:
    assert look(cancel_dispatcher_running=True) == kept("MONI-009")
    assert look(cancel_dispatcher_running=told) == broken(
        "the monitor",
        "MONI-009",
        "the cancel dispatcher of worker b runs",
        f"cancel_dispatcher_running is {told}",
    )
