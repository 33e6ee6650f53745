"""Word for word what is found of answers, cancels, readings, ends and outcomes of jobs, and exactly
where each bound lies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queueproof.checkers.answers import check_answered, check_cancelled
from queueproof.checkers.findings import Finding, Status
from queueproof.checkers.job_outcomes import (
    check_ended,
    check_refused,
    check_runs,
    check_spared,
    check_stillness,
)
from queueproof.checkers.outage_history import OutageHistory
from queueproof.checkers.readings import check_readings
from queueproof.checkers.terminal_events import check_terminal_events
from queueproof.history import EventKind, Operation

from .histories import (
    APPLIED,
    HEALED,
    OVER,
    WHOLE,
    end,
    outage,
    poll,
    statuses,
    stream,
    submit,
    ticks,
    work,
)
from .histories import op as operation

CANCELLED, ERROR = EventKind.CANCELLED, EventKind.ERROR
ALL = ticks(0, 1, 2, 3, from_s=2.0)


def op(kind: str, at_s: float, **rest: Any) -> Operation:
    return operation(kind, at_s, **{"job": "j", **rest})


def held(at_s: float, job: str = "j") -> Finding:
    return Finding(at_s=at_s, job=job)


def broken(at_s: float, expected: str, actual: str, **rest: Any) -> Finding:
    told = {"job": "j", "errand": 7, **rest}
    return Finding(at_s=at_s, status=Status.BROKEN, expected=expected, actual=actual, **told)


def doubtful(at_s: float, actual: str, job: str = "j") -> Finding:
    return Finding(at_s=at_s, status=Status.DOUBTFUL, actual=actual, job=job)


def cancel(at_s: float, *, took_s: float = 0.0, claims: bool = True, **rest: Any) -> Operation:
    facts = {"claims_success": claims}
    return op("cancel", at_s, took_s=took_s, facts=facts, **rest)


# -- answers -------------------------------------------------------------------------------


def test_answers_are_held_or_broken_in_words() -> None:
    late = op("submit", 1.0, took_s=3.04, facts={"errand": 3})
    silent = op("poll", 2.0, took_s=7.0, status=None, detail="no answer within 7.0 s", worker=None)
    refused = op("cancel", 3.0, status=None, detail="connection refused", job=None)

    assert check_answered(outage(op("submit", 0.5), late, silent, refused)) == [
        held(0.5),
        broken(1.0, "a submit is answered within 2 s", "worker a: 200 after 3.0 s", errand=3),
        broken(
            2.0, "a poll is answered within 4 s", "worker ?: no answer within 7.0 s", errand=None
        ),
        held(3.0, job=""),
    ]


@pytest.mark.parametrize("kind", ["submit", "poll", "cancel", "monitor", "stream"])
def test_every_request_of_a_client_is_judged(kind: str) -> None:
    late = op(kind, 1.0, took_s=20.0, facts={"answered_s": 15.0})

    assert statuses(check_answered(outage(late))) == [Status.BROKEN]
    assert check_answered(outage(replace(late, kind="lookup"))) == []


@pytest.mark.parametrize(
    ("kind", "bound_s"),
    [("submit", 3.0), ("poll", 5.0), ("stream", 5.0), ("monitor", 3.0)],
)
def test_the_bound_of_a_quiet_answer(kind: str, bound_s: float) -> None:
    """The declared time with a second for our own way, and what a poll or a start may take."""
    within = op(kind, 1.0, took_s=8.0, facts={"answered_s": bound_s})
    beyond = op(kind, 1.0, took_s=8.0, facts={"answered_s": bound_s + 0.01})

    assert statuses(check_answered(outage(within, beyond))) == [Status.HELD, Status.BROKEN]


@pytest.mark.parametrize(
    ("at_s", "took_s", "spared"),
    [
        (APPLIED - 5.0, 4.9, False),
        (APPLIED - 5.0, 5.0, True),
        (WHOLE - 0.01, 5.0, True),
        (WHOLE, 5.0, False),
        (HEALED, 5.0, True),
        (HEALED, 6.0, True),
        (HEALED, 6.1, False),
    ],
)
def test_an_answer_that_meets_the_outage_has_its_bound(
    at_s: float, took_s: float, spared: bool
) -> None:
    found = check_answered(outage(op("submit", at_s, took_s=took_s)))

    assert statuses(found) == [Status.HELD if spared else Status.BROKEN]


def test_an_open_stream_counts_by_its_first_answer_and_a_request_without_end_to_the_last() -> None:
    opened = op("stream", 1.0, took_s=30.0)
    never = op("stream", 1.0, took_s=30.0, status=None, detail="connection lost")
    unended = replace(op("submit", 20.0), ended_s=None)

    assert check_answered(outage(opened, never, unended)) == [
        held(1.0),
        broken(1.0, "a stream is answered within 4 s", "worker a: None after 30.0 s", errand=None),
        broken(
            20.0,
            "a submit is answered within 2 s",
            f"worker a: 200 after {OVER + 0.1 - 20.0:.1f} s",
            errand=None,
        ),
    ]


@pytest.mark.parametrize(
    ("at_s", "took_s", "worker", "asked"),
    [
        (APPLIED - 5.0, 4.9, "a", True),
        (APPLIED - 5.0, 5.0, "a", False),
        (WHOLE, 9.0, "a", False),
        (WHOLE + 0.01, 9.0, "a", True),
        (12.0, 9.0, "b", True),
        (12.0, 9.0, None, True),
    ],
)
def test_who_is_silenced_need_not_answer(
    at_s: float, took_s: float, worker: str | None, asked: bool
) -> None:
    request = op("submit", at_s, took_s=took_s, worker=worker)

    assert bool(check_answered(outage(request, silenced=["a"]))) is asked
    ours = replace(request, facts={"ours": True})
    assert check_answered(outage(ours)) == []


def test_where_all_was_refused_nobody_knows_who_answered() -> None:
    refused = [op("submit", 1.0, status=400), op("poll", 2.0, status=None, detail="refused")]
    silent = op("submit", 3.0, took_s=9.0, status=None, detail="no answer")
    found = check_answered(outage(*refused, silent))

    said = "no request was answered but by a refusal"
    assert found[:2] == [doubtful(1.0, said, job=""), doubtful(2.0, said, job="")]
    assert found[2].status is Status.BROKEN
    assert statuses(check_answered(outage(*refused, op("monitor", 4.0, status=399)))) == [
        *[Status.HELD] * 3
    ]


# -- cancels -------------------------------------------------------------------------------


def test_a_cancel_is_held_broken_or_in_doubt_in_words() -> None:
    bound = submit(ticks=9), cancel(3.0)

    assert check_cancelled(outage(*bound, work(0, 1, from_s=3.0))) == [held(3.0)]
    assert check_cancelled(outage(*bound, work(0, 1, 2, from_s=2.01))) == [
        broken(
            4.01,
            "the work stops within 1 s of a cancel's success",
            "it went on for 1.0 s, 3 of 9 ticks were done",
        )
    ]
    natural = submit(ticks=2), cancel(3.0), work(0, 1, from_s=2.5)
    assert check_cancelled(outage(*natural)) == [
        doubtful(3.5, "the job came to its own end meanwhile")
    ]


def test_a_job_that_was_over_before_its_cancel_is_in_order() -> None:
    early = submit(ticks=2), cancel(3.0), work(0, 1, from_s=2.0)

    assert check_cancelled(outage(*early)) == [held(3.0)]


def test_the_first_cancel_that_claims_success_counts() -> None:
    """What was refused, what was never answered, and what nobody saw at work, tell nothing."""
    refused, success = cancel(2.0, claims=False), cancel(3.0)
    seen = work(0, from_s=2.5)

    assert check_cancelled(outage(submit(), refused, success, cancel(9.0), seen)) == [held(3.0)]
    assert check_cancelled(outage(submit(), refused, seen)) == []
    assert check_cancelled(outage(submit(), success)) == []
    unended = replace(success, ended_s=None)
    assert check_cancelled(outage(submit(), unended, seen)) == []


def test_a_cancel_that_waited_for_a_stopped_worker_may_come_too_late() -> None:
    waited = [submit(9.0, ticks=2), cancel(9.5, took_s=5.0), work(0, 1, from_s=10.0)]

    assert check_cancelled(outage(*waited, silenced=["a"])) == []
    assert statuses(check_cancelled(outage(*waited))) == [Status.DOUBTFUL]


@pytest.mark.parametrize(
    ("cancelled_s", "last_s", "status"),
    [
        (APPLIED - 1.0, APPLIED + 3.0, Status.BROKEN),
        (APPLIED - 0.9, HEALED + 1.0, Status.HELD),
        (APPLIED - 0.9, HEALED + 1.1, Status.BROKEN),
        (HEALED - 0.1, HEALED + 1.0, Status.HELD),
        (HEALED, HEALED + 1.0, Status.HELD),
        (HEALED, HEALED + 1.1, Status.BROKEN),
    ],
)
def test_an_owner_that_is_cut_off_hears_of_a_cancel_when_it_is_back(
    cancelled_s: float, last_s: float, status: Status
) -> None:
    told = [submit(8.0, ticks=99), cancel(cancelled_s), work(0, from_s=last_s)]
    other = op("monitor", 1.0, worker="b")

    assert statuses(check_cancelled(outage(*told, other, struck=["a"]))) == [status]


# -- readings ------------------------------------------------------------------------------


def test_readings_in_words() -> None:
    whole = stream(1.2, [*ALL, end(6.0)])
    gap = stream(1.2, [*ticks(0, 1, 3, from_s=2.0), end(6.0)])
    beginning = stream(1.2, ticks(0, 2, from_s=2.0), facts={"ended": "broken"}, until_s=5.0)

    assert check_readings(outage(submit(), whole, gap, beginning)) == [
        held(6.0),
        broken(6.0, "ticks 0..3 once each, in order", "3 deliveries by stream: 1 missing (2)"),
        broken(5.0, "ticks 0..2 once each, in order", "2 deliveries by stream: 1 missing (1)"),
    ]


def test_a_reading_without_ticks_is_judged_only_where_the_end_was_well() -> None:
    empty, failed = stream(1.2, [end(6.0)]), stream(1.2, [end(6.0, ERROR)])

    [found] = check_readings(outage(submit(), empty, failed))
    assert found.actual == "0 deliveries by stream: 4 missing (0, 1, 2, 3)"
    lookup = op("lookup", 2.0, events=[end(6.0)])
    assert check_readings(outage(submit(), lookup)) == []


def test_a_gap_beside_a_lost_answer_is_in_doubt_but_disorder_is_not() -> None:
    lost = poll(1.5, [], status=None, detail="no answer", took_s=0.1)
    rest = poll(3.0, [*ticks(1, 2, 3, from_s=3.0), end(5.0)])
    mixed = poll(3.0, [*ticks(0, 2, 1, 3, from_s=3.0), end(5.0)])

    assert check_readings(outage(submit(), lost, rest)) == [
        doubtful(3.1, "1 missing (0), but an answer was lost")
    ]
    assert statuses(check_readings(outage(submit(), lost, mixed))) == [Status.BROKEN]


@pytest.mark.parametrize(
    ("at_s", "status"),
    [(APPLIED - 3.0, Status.BROKEN), (APPLIED - 1.0, Status.HELD), (WHOLE, Status.BROKEN)],
)
def test_polls_repeat_only_where_the_position_can_have_been_lost(
    at_s: float, status: Status
) -> None:
    again = poll(at_s, ticks(0, 0, 1, from_s=at_s), took_s=1.0)

    assert statuses(check_readings(outage(submit(), again, costs="data"))) == [status]


# -- ends ----------------------------------------------------------------------------------


def test_ends_in_words() -> None:
    good = stream(1.2, [*ALL, end(6.0)])
    bare = stream(1.2, ticks(0, 1, from_s=2.0), until_s=5.0)
    more = stream(1.2, [end(6.0), *ticks(8, 9, from_s=6.5)])
    seen = work(0, 1, 2, 3, from_s=1.5)

    assert check_terminal_events(outage(submit(), good, bare, more, seen)) == [
        held(6.0),
        broken(5.0, "a stream that ends says how the job ended", "a bare end after 2 of 4 ticks"),
        broken(6.0, "nothing follows the terminal event", "2 more events followed"),
    ]


def test_an_end_must_be_true() -> None:
    short = work(0, 1, from_s=1.5)
    early = stream(1.2, [end(3.0)])
    cancelled = stream(1.2, [end(3.0, CANCELLED)])

    assert check_terminal_events(outage(submit(), early, short)) == [
        broken(
            3.0,
            "a job that is told to have ended well did all its work",
            "told end after 2 of 4 ticks were done",
        )
    ]
    assert check_terminal_events(outage(submit(), cancelled, short)) == [
        broken(3.0, "only a cancelled job is told to be", "told cancelled, and nobody cancelled it")
    ]


@pytest.mark.parametrize(
    "asked",
    [
        cancel(2.0, claims=False),
        operation("stream", 2.0, job="j"),
        stream(2.0, [], facts={"ended": "broken"}),
    ],
    ids=["a cancel", "a closed tab", "a lost stream"],
)
def test_who_asks_for_a_cancel_is_told_of_it(asked: Operation) -> None:
    told = poll(3.0, [end(3.0, CANCELLED)])

    assert Status.BROKEN not in statuses(check_terminal_events(outage(submit(), told, asked)))


def test_a_poll_says_its_end_again_and_a_stream_that_broke_has_none() -> None:
    twice = poll(3.0, [end(3.0), end(3.5)])
    refused = stream(1.2, [], status=404)
    broke = stream(1.2, [], facts={"ended": "broken"})
    seen = work(0, 1, 2, 3, from_s=1.5)

    assert check_terminal_events(outage(submit(), twice, refused, broke, seen)) == [held(3.5)]


def test_two_readers_are_told_one_end() -> None:
    one = stream(1.2, [end(4.0)])
    other = stream(1.2, [*ALL, end(5.5, ERROR)])
    seen = work(0, 1, 2, 3, from_s=0.5)

    *_, found = check_terminal_events(outage(submit(), other, one, seen))

    assert found == broken(
        5.5, "every reader is told the same end", "one was told end, another 1.5 s later error"
    )
    assert check_terminal_events(outage(submit(), one, other, seen, costs="data"))[-1] == held(5.5)


def test_between_two_ends_an_answer_may_have_been_lost() -> None:
    lost = [poll(1.5, [], status=None, detail="no answer"), poll(3.0, [end(3.0, CANCELLED)])]
    other = stream(1.2, [end(4.0)])
    told = [submit(), *lost, other, cancel(2.0), work(0, 1, 2, 3, from_s=0.5)]

    *_, found = check_terminal_events(outage(*told))

    assert found == doubtful(4.0, "an answer was lost between two ends")


@pytest.mark.parametrize(
    ("waited_s", "contradicts"), [(1.89, True), (1.9, False)], ids=["before the grace", "after"]
)
def test_a_reader_whose_grace_is_over_was_told_of_his_reading(
    waited_s: float, contradicts: bool
) -> None:
    """Nearly the whole grace, and nothing but the error."""
    graced = stream(1.0, [end(1.0 + waited_s, ERROR)])
    other = stream(1.2, [end(8.0)])
    told = [submit(), graced, other, work(0, 1, 2, 3, from_s=0.5)]

    found = check_terminal_events(outage(*told))

    assert (Status.BROKEN in statuses(found)) is contradicts
    ticked = replace(graced, events=[*ticks(0, from_s=1.1), *graced.events])
    assert Status.BROKEN in statuses(check_terminal_events(outage(submit(), ticked, *told[2:])))


@pytest.mark.parametrize(
    ("told", "costs", "contradicts"),
    [
        ([stream(1.2, [*ALL, end(5.5, ERROR)]), op("lookup", 6.0, events=[end(6.0)])], "data", 0),
        ([stream(1.2, [*ALL, end(5.5, ERROR)]), op("lookup", 6.0, events=[end(6.0)])], "jobs", 1),
        ([stream(1.2, [*ALL, end(5.5, ERROR)]), stream(1.2, [*ALL, end(6.0)])], "data", 1),
        (
            [stream(1.2, [*ALL, end(5.5, CANCELLED)]), op("lookup", 6.0, events=[end(6.0)])],
            "data",
            1,
        ),
        ([stream(1.2, [*ALL, end(5.5)]), stream(1.2, [*ALL, end(6.0, ERROR)])], "data", 0),
        ([stream(1.2, [*ALL, end(5.5)]), stream(1.2, [*ALL, end(6.0, CANCELLED)])], "data", 1),
    ],
    ids=["kept", "nothing may go", "read again", "cancelled", "gone by then", "both"],
)
def test_where_data_may_be_lost_a_result_may_outlive_its_events(
    told: list[Operation], costs: str, contradicts: int
) -> None:
    seen = work(0, 1, 2, 3, from_s=0.5)

    found = check_terminal_events(
        outage(submit(), cancel(1.5, claims=False), *told, seen, costs=costs)
    )

    assert statuses(found).count(Status.BROKEN) == contradicts


def test_one_pair_of_readers_that_agrees_does_not_end_the_comparing() -> None:
    """Nor does one that may differ, or of which nothing is known."""
    seen = work(0, 1, 2, 3, from_s=0.5)
    last = [stream(1.2, [*ALL, end(8.0)], worker="b"), stream(1.2, [*ALL, end(9.0, ERROR)])]
    same = stream(1.2, [*ALL, end(7.0)], worker="b")
    silenced = stream(1.2, [*ALL, end(7.0, ERROR)], worker="c")
    lost = [
        poll(1.5, [], status=None, detail="no answer"),
        poll(7.0, [*ALL, end(7.0, CANCELLED)]),
    ]

    def contradictions(*before: Operation, **traits: Any) -> list[Finding]:
        told = [submit(), cancel(1.5, claims=False), *before, *last, seen]
        found = check_terminal_events(outage(*told, **traits))
        return [one for one in found if one.status is Status.BROKEN]

    for found in (
        contradictions(same),
        contradictions(silenced, silenced=["c"]),
        contradictions(*lost),
    ):
        assert [one.at_s for one in found] == [9.0]


def test_a_threshold_or_a_grace_that_is_not_declared_excuses_nobody() -> None:
    """Nor one that is zero; a short one does."""
    told = [submit(), stream(1.0, [end(3.5, ERROR)]), stream(1.2, [end(8.0)])]
    quiet = poll(3.0, [end(3.0, CANCELLED)], took_s=0.0)
    seen = work(0, 1, 2, 3, from_s=0.5)

    def found(name: str, value: float | None, *operations: Operation) -> list[Status]:
        history = outage(*operations, seen)
        timings = {key: at for key, at in history.timings.items() if key != name}
        if value is not None:
            timings[name] = value
        return statuses(check_terminal_events(replace(history, timings=timings)))

    for value in (None, 0.0):
        assert Status.BROKEN in found("startup_grace_s", value, *told)
        assert Status.BROKEN in found("stale_threshold_s", value, submit(), quiet)
    for value in (0.5, 1.0, 2.0):
        assert Status.BROKEN not in found("startup_grace_s", value, *told)


@pytest.mark.parametrize(
    ("silent_s", "excused"), [(4.5, False), (4.51, True), (9.0, True), (2.0, False)]
)
def test_a_build_that_nobody_polled_for_the_threshold_may_be_cancelled(
    silent_s: float, excused: bool
) -> None:
    """Nearly all of the threshold of five seconds."""
    told = [poll(1.5, [], took_s=0.0), poll(1.5 + silent_s, [end(20.0, CANCELLED)], took_s=0.0)]

    found = check_terminal_events(outage(submit(), *told))

    assert (Status.BROKEN not in statuses(found)) is excused


@pytest.mark.parametrize(
    ("threshold_s", "excused"), [(HEALED - APPLIED, True), (HEALED - APPLIED + 0.1, False)]
)
def test_a_stream_that_was_cut_off_for_the_threshold_may_be_cancelled(
    threshold_s: float, excused: bool
) -> None:
    told = [submit(), stream(9.0, [end(15.0, CANCELLED)], worker="b")]
    history = outage(*told, struck=["b"], everybody=["a", "b"])
    timings = {**history.timings, "stale_threshold_s": threshold_s}

    found = check_terminal_events(replace(history, timings=timings))

    assert (Status.BROKEN not in statuses(found)) is excused


# -- outcomes ------------------------------------------------------------------------------


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
