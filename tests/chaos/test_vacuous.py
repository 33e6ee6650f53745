"""Nothing observed holds nothing: every checker fed silence, refusals or an empty history."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from queueproof.chaos.judging import INVARIANTS, judge
from queueproof.checkers.findings import Status
from queueproof.history import Event, Operation, Outcome
from queueproof.verdicts import Verdict

from .histories import OVER, end, frame, op, outage, statuses, stream, submit, ticks, work

REFUSALS = (400, 401, 403, 404, 408, 410, 422, 429, 500, 502, 503, 504)
QUIET, TROUBLED, AFTER = 1.0, 11.0, 20.0
REQUESTS = ("submit", "cancel", "poll", "stream", "predict", "lookup", "monitor", "health")


def everything(status: int | None, detail: str, **facts: object) -> Iterable[Operation]:
    """Every kind of request in every phase, all answered so; gauges that nobody could read."""
    for at_s in (QUIET, TROUBLED, AFTER):
        for kind in REQUESTS:
            outcome = Outcome.UNKNOWN if status is None else Outcome.FAILED
            about = "j" if kind in ("cancel", "poll", "stream", "lookup") else None
            yield op(
                kind,
                at_s,
                status=status,
                outcome=outcome,
                detail=detail,
                job=about,
                facts={"key": f"k{at_s}", "ticks": 4, "lasts_s": 4.0, "errand": 7, **facts},
            )
    yield op("rest", OVER, facts={"monitor": {}, "after_s": 10.0})


UNSEEN = {
    "nothing": [],
    "silence": list(everything(None, "no answer within 9.0 s")),
    "lost": list(everything(None, "connection lost: ReadError")),
    "unreachable": list(everything(None, "connection refused")),
    **{f"{status}": list(everything(status, "no")) for status in REFUSALS},
}


@pytest.mark.parametrize("what", UNSEEN)
@pytest.mark.parametrize("requirement", INVARIANTS)
def test_what_was_never_observed_never_holds(requirement: str, what: str) -> None:
    """Broken, in doubt or not judged, but never held."""
    found = INVARIANTS[requirement](outage(*UNSEEN[what]))

    assert Status.HELD not in statuses(found)


@pytest.mark.parametrize("what", UNSEEN)
def test_a_history_without_a_good_answer_passes_no_requirement(what: str) -> None:
    for judgement in judge([*frame(), *UNSEEN[what]]):
        assert judgement.verdict is not Verdict.PASSED, judgement.requirement


def test_a_monitor_that_told_no_gauge_leaves_the_gauges_in_doubt() -> None:
    """RESI-011: a silent monitor is not one that says 0."""
    for monitor in ({}, {"detail": "not for you"}):
        look = op("rest", OVER, facts={"monitor": monitor, "after_s": 10.0})
        assert statuses(INVARIANTS["RESI-011"](outage(look))) == [Status.DOUBTFUL]


@pytest.mark.parametrize(
    "gauge", ["active_jobs", "bridge_count", "consumer_wrapper_count", "background_task_count"]
)
def test_every_gauge_must_have_come_to_rest(gauge: str) -> None:
    monitor = {"active_jobs": 0, "bridge_count": 0, "consumer_wrapper_count": 0, gauge: 1}
    look = op("rest", OVER, facts={"monitor": monitor, "after_s": 10.0})

    assert statuses(INVARIANTS["RESI-011"](outage(look))) == [Status.BROKEN]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (200, Status.HELD),
        (404, Status.BROKEN),
        (422, Status.BROKEN),
        (500, Status.BROKEN),
        (401, Status.DOUBTFUL),
        (429, Status.DOUBTFUL),
    ],
)
def test_a_submit_refused_in_a_quiet_time_was_not_accepted(status: int, found: Status) -> None:
    """RESI-007: whose fault it is depends on the refusal."""
    assert statuses(INVARIANTS["RESI-007"](outage(op("submit", QUIET, status=status)))) == [found]


def test_a_cancel_refused_in_a_quiet_time_says_nothing_since_its_job_may_be_over() -> None:
    found = INVARIANTS["RESI-007"](outage(op("cancel", QUIET, status=404, job="j")))

    assert found == []


def test_a_health_check_that_is_never_answered_does_not_say_well() -> None:
    """RESI-010: within the watcher's patience, from a worker that serves."""
    silent = op("health", QUIET, status=None, detail="no answer within 9.0 s")

    assert Status.BROKEN in statuses(INVARIANTS["RESI-010"](outage(silent)))


def test_a_health_check_that_was_given_up_with_the_run_is_nobodys_fault() -> None:
    """A watcher is ended in the middle of a look."""
    looks = [op("health", QUIET), op("health", AFTER, status=None, detail="")]

    assert statuses(INVARIANTS["RESI-010"](outage(*looks))) == [Status.HELD]


def test_a_refused_submit_ran_nothing_only_where_the_witness_hears() -> None:
    """LIFE-008: silence of a witness that hears nobody proves nothing."""
    refused = submit(2.0, job=None, status=503)
    deaf = INVARIANTS["LIFE-008"](outage(refused))
    other = op("submit", 1.0, job="o", facts={"key": "o", "ticks": 1, "lasts_s": 1.0})
    heard = Operation(**{**vars(work(0, from_s=1.5)), "facts": {"key": "o"}})
    assert all(isinstance(event, Event) for event in heard.events)

    assert statuses(deaf) == [Status.DOUBTFUL]
    assert statuses(INVARIANTS["LIFE-008"](outage(refused, other, heard))) == [Status.HELD]


def test_silence_is_no_answer_though_it_ended_in_time() -> None:
    """RESI-005: a request that was given up before its bound was not answered either."""
    silent = op("submit", QUIET, took_s=0.1, status=None, detail="no answer within 0.1 s")

    found = INVARIANTS["RESI-005"](outage(op("submit", 0.5), silent))

    assert statuses(found) == [Status.HELD, Status.BROKEN]


def test_the_first_reader_who_is_told_of_the_end_is_told_in_time() -> None:
    """RESI-001: a second reader may come when he likes."""
    early = stream(1.2, [*ticks(0, 1, 2, 3, from_s=2.0), end(6.0)])
    late = stream(38.0, [*ticks(0, 1, 2, 3, from_s=38.5), end(39.5)])
    seen = work(0, 1, 2, 3, from_s=2.0)

    assert statuses(INVARIANTS["RESI-001"](outage(submit(), early, late, seen))) == [Status.HELD]
    assert statuses(INVARIANTS["RESI-001"](outage(submit(), late, seen))) == [Status.BROKEN]
