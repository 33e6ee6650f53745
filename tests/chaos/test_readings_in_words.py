"""Word for word what is found of readings and of the ends that readers are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queueproof.checkers.findings import Finding, Status
from queueproof.checkers.readings import check_readings
from queueproof.checkers.terminal_events import check_terminal_events
from queueproof.history import Operation

from .expected_findings import ALL, CANCELLED, ERROR, broken, cancel, doubtful, held, op
from .histories import (
    APPLIED,
    HEALED,
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
    "told",
    [
        [stream(1.2, [*ALL, end(5.5)]), stream(1.2, [*ALL, end(6.0, ERROR)])],
        [stream(1.2, [*ALL, end(5.5, ERROR)]), op("lookup", 6.0, events=[end(6.0)])],
    ],
    ids=["gone by then", "kept"],
)
def test_a_reader_after_those_that_may_differ_is_compared_too(told: list[Operation]) -> None:
    seen = work(0, 1, 2, 3, from_s=0.5)
    last = stream(1.2, [*ALL, end(7.0, CANCELLED)])

    found = check_terminal_events(
        outage(submit(), cancel(1.5, claims=False), *told, last, seen, costs="data")
    )

    assert [one.at_s for one in found if one.status is Status.BROKEN] == [7.0]


@pytest.mark.parametrize(
    ("threshold_s", "excused"), [(None, False), (0.0, False), (0.8, True), (1.0, True)]
)
def test_a_client_that_is_silent_for_long_is_excused_by_a_declared_threshold_alone(
    threshold_s: float | None, excused: bool
) -> None:
    told = [poll(1.5, [], took_s=0.0), poll(19.5, [end(20.0, CANCELLED)], took_s=0.0)]
    history = outage(submit(), *told)
    timings = {key: at for key, at in history.timings.items() if key != "stale_threshold_s"}
    if threshold_s is not None:
        timings["stale_threshold_s"] = threshold_s

    found = check_terminal_events(replace(history, timings=timings))

    assert (Status.BROKEN not in statuses(found)) is excused


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
