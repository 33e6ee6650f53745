"""Word for word what is found of the outcomes of jobs, and exactly where each bound lies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queueproof.checkers.findings import Finding, Status
from queueproof.checkers.job_outcomes import (
    check_ended,
    check_refused,
    check_runs,
    check_spared,
    check_stillness,
)
from queueproof.checkers.outage_history import OutageHistory
from queueproof.history import Operation

from .expected_findings import ALL, CANCELLED, ERROR, broken, cancel, doubtful, held, op
from .histories import (
    APPLIED,
    HEALED,
    OVER,
    end,
    outage,
    poll,
    statuses,
    stream,
    submit,
    work,
)
from .histories import op as operation


def test_outcomes_in_words() -> None:
    """An undisturbed job of 4 s: half of it more, 3 s of a dead owner's and 2 s of an answer's."""
    accepted = submit(0.0, took_s=0.0)
    seen = work(0, 1, from_s=1.0)
    bound = "the end of an accepted job is told within 7.0 s"

    def found(*readings: Operation, **traits: Any) -> list[Finding]:
        return check_ended(outage(accepted, seen, *readings, **traits))

    assert found(stream(1.0, [end(8.0)])) == [held(8.0)]
    assert found() == []
    late = stream(20.0, [end(28.0)])
    quiet = submit(20.0, took_s=0.0)
    assert check_ended(outage(quiet, replace(late, events=[end(31.1)], ended_s=31.1))) == [
        broken(24.0, bound, "told 7.1 s after it was due (0 of 4 ticks were done)")
    ]
    assert check_ended(outage(quiet, poll(20.5, []), work(0, 1, from_s=21.0))) == [
        broken(
            24.0,
            bound,
            f"told nothing until {OVER + 0.1 - 24.0:.1f} s after it was due "
            "(2 of 4 ticks were done)",
        )
    ]
    gone = poll(20.5, [], status=404)
    assert check_ended(outage(quiet, gone)) == [
        broken(
            24.0,
            bound,
            "the target says it knows no such job, though no data was lost "
            "(0 of 4 ticks were done)",
        )
    ]
    assert check_ended(outage(quiet, gone, costs="data")) == [held(24.0)]


@pytest.mark.parametrize(
    ("accepted_s", "bound_s"),
    [(3.9, 3.9 + 6.0 + 5.0), (4.0, HEALED + 4.0 + 6.0 + 5.0), (15.9, 15.9 + 6.0 + 6.0 + 5.0)],
)
def test_a_job_that_meets_the_outage_has_longer(accepted_s: float, bound_s: float) -> None:
    """Until all is healed, its whole time again, and the recovery."""
    accepted = submit(accepted_s, took_s=0.0)

    def told(at_s: float) -> list[Status]:
        return statuses(check_ended(outage(accepted, stream(accepted_s, [end(at_s)]))))

    assert told(bound_s - 0.01) == [Status.HELD]
    assert told(bound_s + 0.01) == [Status.BROKEN]


@pytest.mark.parametrize(
    ("reading", "spared"),
    [
        (stream(2.0, [], until_s=3.0), True),
        (stream(2.0, [], facts={"ended": "broken"}), False),
        (poll(2.0, [], status=410), True),
        (poll(2.0, []), False),
    ],
)
def test_readers_of_a_cancelled_job_may_be_let_go(reading: Operation, spared: bool) -> None:
    found = check_ended(outage(submit(), cancel(1.5), reading))

    assert statuses(found) == [Status.HELD if spared else Status.BROKEN]
    refused = check_ended(outage(submit(), cancel(1.5, claims=False), reading))
    assert statuses(refused) == [Status.BROKEN]


@pytest.mark.parametrize(
    ("traits", "spared"),
    [
        ({"rereads": False, "silenced": ["a"]}, True),
        ({"rereads": False, "silenced": ["b"]}, False),
        ({"silenced": ["a"]}, False),
    ],
)
def test_a_stream_that_cannot_be_asked_for_again_is_lost_with_its_server(
    traits: dict[str, Any], spared: bool
) -> None:
    broke = stream(9.0, [], facts={"ended": "broken"})

    found = check_ended(outage(submit(), broke, **traits))

    assert statuses(found) == [Status.HELD if spared else Status.BROKEN]
    polled = check_ended(outage(submit(), poll(9.0, []), **traits))
    assert statuses(polled) == [Status.BROKEN]


def test_what_was_to_be_spared_in_words() -> None:
    well = stream(1.2, [*ALL, end(6.0)])
    failed = stream(1.2, [end(6.0, ERROR)])
    nothing = poll(2.0, [])
    seen = work(0, from_s=1.5)

    assert check_spared(outage(submit(), well)) == [held(5.1)]
    expected = "the job runs to its own end: nothing it needs was lost"
    assert check_spared(outage(submit(), failed, seen)) == [
        broken(6.0, expected, "its reader was told: error (1 of 4 ticks were done)")
    ]
    assert check_spared(outage(submit(), nothing)) == [
        broken(5.1, expected, "its reader was told: no end at all (0 of 4 ticks were done)")
    ]


@pytest.mark.parametrize(
    ("looked_s", "status", "verdict"),
    [(6.0, 404, Status.DOUBTFUL), (4.4, 200, Status.DOUBTFUL), (4.5, 200, Status.BROKEN)],
)
def test_a_database_that_was_asked_in_vain_or_too_early_leaves_a_doubt(
    looked_s: float, status: int, verdict: Status
) -> None:
    """Before the last tick can have been written down: two seconds after it."""
    broke = stream(1.2, [], facts={"ended": "broken"})
    look = op("lookup", looked_s, took_s=0.0, status=status)
    told = [submit(), broke, look, work(0, from_s=2.5)]

    found = check_spared(outage(*told))

    assert statuses(found) == [verdict]
    if verdict is Status.DOUBTFUL:
        assert found == [doubtful(5.1, "the database was asked in vain, or too early")]
        clean = replace(broke, facts={"ended": "clean"})
        assert statuses(check_spared(outage(submit(), clean, *told[2:]))) == [Status.BROKEN]


def test_a_job_that_was_read_again_is_judged_by_its_first_readers_and_by_the_database() -> None:
    nothing = poll(2.0, [])
    again = poll(3.0, [end(3.0)], facts={"again": True})
    kept = op("lookup", 7.0, events=[end(7.0)], facts={"again": True})

    assert statuses(check_spared(outage(submit(), nothing, again))) == [Status.BROKEN]
    assert statuses(check_spared(outage(submit(), nothing, kept))) == [Status.HELD]


@pytest.mark.parametrize(
    ("told", "traits", "judged"),
    [
        ([cancel(2.0)], {}, False),
        ([operation("stream", 2.0, job="j")], {}, False),
        ([], {}, True),
        ([stream(9.0, [end(12.0)])], {}, False),
        ([stream(9.0, [end(12.0)])], {"costs": "nothing"}, True),
        ([stream(9.0, [end(12.0)])], {"struck": ["b"]}, True),
        ([stream(9.0, [end(12.0)], worker="b")], {"struck": ["b"]}, False),
        ([stream(9.0, [end(APPLIED - 0.1)])], {}, True),
        ([stream(9.0, [end(APPLIED)])], {}, False),
    ],
)
def test_which_jobs_are_to_be_spared(
    told: list[Operation], traits: dict[str, Any], judged: bool
) -> None:
    first = stream(1.2, [*ALL, end(6.0)])

    assert bool(check_spared(outage(submit(), first, *told, **traits))) is judged
    assert check_spared(outage(submit(), **traits)) == []


def test_runs_in_words() -> None:
    once = outage(submit(), work(0, 1, 2, from_s=1.5))
    twice = outage(submit(), work(0, 1, 1, 2, 1, 2, from_s=1.5))

    assert check_runs(once) == [held(1.5)]
    assert check_runs(twice) == [
        broken(
            6.5,
            "each tick of the job is done once",
            "2 of 3 ticks were done more than once, tick 1 3 times",
        )
    ]
    assert check_runs(outage(submit())) == []


def test_stillness_in_words() -> None:
    told = stream(1.2, [end(4.0, CANCELLED)])

    assert check_stillness(outage(submit(), told, work(0, from_s=5.0))) == [held(4.0)]
    assert check_stillness(outage(submit(), told, work(0, 1, from_s=4.1))) == [
        broken(
            5.1,
            "no work after a job's end was told",
            "tick 1 was done 1.1 s after a reader was told: cancelled",
        )
    ]
    assert check_stillness(outage(submit(), told)) == []
    assert check_stillness(outage(submit(), poll(2.0, []), work(0, from_s=30.0))) == []


@pytest.mark.parametrize(
    ("told_s", "last_s", "status"),
    [
        (APPLIED - 1.0, APPLIED + 0.1, Status.BROKEN),
        (APPLIED - 0.9, HEALED + 3.0, Status.HELD),
        (APPLIED - 0.9, HEALED + 3.1, Status.BROKEN),
        (HEALED - 0.1, HEALED + 3.0, Status.HELD),
        (HEALED, HEALED + 1.1, Status.BROKEN),
    ],
)
def test_what_nobody_can_reach_may_go_on_until_it_is_reached(
    told_s: float, last_s: float, status: Status
) -> None:
    told = stream(1.2, [end(told_s, CANCELLED)])

    found = check_stillness(outage(submit(), told, work(0, from_s=last_s)))

    assert statuses(found) == [status]


def refused(status: int | None, *rest: Operation) -> OutageHistory:
    return outage(submit(job=None, status=status, took_s=0.5), *rest)


def test_refusals_in_words() -> None:
    ran = work(0, 1, from_s=1.25)

    assert check_refused(refused(400, ran)) == [
        broken(
            1.25,
            "the submit refused with 400 runs nothing",
            "its component did 2 ticks, the first -0.25 s from the refusal",
            job="",
        )
    ]
    assert check_refused(refused(503)) == [
        doubtful(1.5, "the witness heard of no job at all", job="")
    ]
    heard = operation("work", OVER, facts={"key": "other", "heard": 1})
    assert check_refused(refused(503, heard)) == [held(1.5, job="")]
    assert check_refused(refused(399, ran)) == check_refused(refused(None, ran)) == []
