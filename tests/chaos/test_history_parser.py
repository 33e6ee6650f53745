"""What a list of operations becomes: instants, lives and readings, value by value."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import JobHistory, OutageHistory, ReaderHistory
from queueproof.history import EventKind, Operation, Outcome

from .histories import TIMINGS, end, frame, op, outage, poll, stream, submit, ticks, work


def life_of(*operations: Operation) -> JobHistory:
    [life] = outage(*operations).jobs
    return life


def readings_of(*operations: Operation) -> tuple[ReaderHistory, ...]:
    return life_of(submit(), *operations).readings


def open_ended(kind: str, at_s: float, **rest: Any) -> Operation:
    """An operation whose end was never seen."""
    return replace(op(kind, at_s, job="j", **rest), ended_s=None)


# -- instants ------------------------------------------------------------------------------


def test_a_history_of_nothing_has_no_outage() -> None:
    assert read_story([]) == OutageHistory(
        operations=(),
        jobs=(),
        timings={},
        traits={},
        applied_s=inf,
        holds_s=inf,
        released_s=inf,
        healed_s=inf,
        whole_s=inf,
        ended_s=0.0,
    )


def test_without_its_instants_a_fault_holds_from_its_phase_to_the_next() -> None:
    operations = frame(costs="data")

    assert read_story(operations) == OutageHistory(
        operations=tuple(operations),
        jobs=(),
        timings=TIMINGS,
        traits={"costs": "data"},
        applied_s=10.0,
        holds_s=10.0,
        released_s=14.0,
        healed_s=14.0,
        whole_s=16.0,
        ended_s=40.1,
    )


def test_a_fault_holds_between_its_instants_and_the_first_note_counts() -> None:
    notes = [
        op("holds", 10.5, detail="from"),
        op("holds", 13.5, detail="until"),
        op("holds", 13.7, detail="until"),
        op("phase", 15.0, detail="during"),
        op("other", 1.0, detail="after"),
    ]
    told = outage(*notes)

    assert (told.applied_s, told.holds_s, told.released_s, told.whole_s) == (10.0, 10.5, 13.5, 16.0)


def test_a_history_ends_with_its_last_operation() -> None:
    assert outage(op("submit", 50.0, took_s=2.0), op("poll", 1.0)).ended_s == 52.0
    assert outage(open_ended("submit", 60.0)).ended_s == 60.0


# -- lives ---------------------------------------------------------------------------------


def test_a_life_is_its_submit_with_all_that_names_its_job() -> None:
    accepted = submit(1.0, ticks=3)
    cancel = op("cancel", 2.0, job="j")
    seen = op(
        "work",
        40.0,
        events=ticks(0, 1, from_s=1.5),
        facts={"key": "k", "errand": 7, "hosts": ["b", "c"]},
    )

    assert life_of(accepted, cancel, op("cancel", 2.0, job="other"), seen) == JobHistory(
        errand=7,
        key="k",
        submit=accepted,
        planned=3,
        lasts_s=3.0,
        readings=(),
        cancels=(cancel,),
        work=tuple(ticks(0, 1, from_s=1.5)),
        dropped_s=None,
        hosts=frozenset("bc"),
    )


def test_a_submit_that_says_little_is_a_life_of_nobody_s() -> None:
    bare = op("submit", 1.0, job="j", worker=None, facts={"key": 5})

    assert life_of(bare) == JobHistory(
        errand=-1,
        key="5",
        submit=bare,
        planned=0,
        lasts_s=0.0,
        hosts=frozenset({""}),
    )


def test_a_submit_without_a_key_and_one_of_another_kind_are_no_lives() -> None:
    assert (
        outage(op("submit", 1.0, job="j"), op("poll", 1.0, job="j", facts={"key": "k"})).jobs == ()
    )


def test_work_that_names_no_host_is_done_by_whoever_accepted() -> None:
    assert life_of(submit(worker="a"), work(0, from_s=1.0)).hosts == frozenset("a")
    nobody = op("work", 40.0, facts={"key": "k", "hosts": []})
    assert life_of(submit(worker="a"), nobody).hosts == frozenset()


@pytest.mark.parametrize(
    ("change", "dropped_s"),
    [
        ({}, 4.0),
        ({"facts": {"ended": "broken"}}, None),
        ({"status": 404}, None),
        ({"kind": "poll"}, None),
        ({"ended_s": None}, 1.5),
        ({"events": [end(3.0)]}, None),
        ({"events": [end(3.0, EventKind.CANCELLED)]}, None),
        ({"events": [end(3.0, EventKind.ERROR)]}, 4.0),
    ],
)
def test_a_stream_that_its_reader_closed_is_a_closed_tab(
    change: dict[str, Any], dropped_s: float | None
) -> None:
    left = replace(op("stream", 1.5, took_s=2.5, job="j"), **change)

    assert life_of(submit(), left).dropped_s == dropped_s


def test_of_several_closed_tabs_the_first_counts() -> None:
    left = [op("stream", 1.5, took_s=took_s, job="j") for took_s in (4.0, 2.0)]

    assert life_of(submit(), *left).dropped_s == 3.5


# -- readings ------------------------------------------------------------------------------


def test_polls_are_one_reading() -> None:
    one = poll(1.5, ticks(0, from_s=1.6), took_s=0.5)
    two = poll(3.0, [*ticks(1, from_s=3.1), end(3.2)], took_s=0.5, status=206)

    assert readings_of(one, two) == (
        ReaderHistory(
            kind="poll",
            via="",
            began_s=1.5,
            ended_s=3.5,
            events=(*ticks(0, from_s=1.6), *ticks(1, from_s=3.1), end(3.2)),
            ended="clean",
            status=206,
            again=False,
            gaps_possible=False,
            silent_s=1.5,
        ),
    )


def test_a_lost_answer_may_have_held_events_and_is_a_silence() -> None:
    lost = poll(2.0, [], status=None, outcome=Outcome.UNKNOWN, took_s=9.0, detail="lost")
    refused = poll(3.0, [], status=None, detail="connection refused")
    said = poll(5.0, ticks(0, from_s=5.0), status=200, took_s=0.0)

    [reading] = readings_of(poll(1.0, [], took_s=0.5), refused, said)
    assert (reading.gaps_possible, reading.ended, reading.silent_s) == (False, "open", 3.5)
    [reading] = readings_of(lost, said)
    assert (reading.gaps_possible, reading.ended_s, reading.silent_s) == (True, 11.0, 3.0)
    [reading] = readings_of(lost)
    assert (reading.status, reading.silent_s) == (None, 0.0)
    [reading] = readings_of(said, lost)
    assert reading.status == 200


def test_a_poll_without_an_end_ends_when_it_began() -> None:
    first, last = open_ended("poll", 2.0), open_ended("poll", 7.0)

    [reading] = readings_of(first, last)

    assert (reading.ended_s, reading.silent_s) == (7.0, 5.0)


def test_what_is_read_again_is_a_reading_of_its_own() -> None:
    again = {"again": True}
    operations = [
        poll(2.0, [], facts=again),
        poll(1.5, []),
        op("lookup", 3.0, job="j", facts=again),
        op("lookup", 2.5, job="j"),
        stream(4.0, [], facts=again),
        stream(5.0, []),
    ]

    found = [(one.kind, one.again, one.began_s) for one in readings_of(*operations)]

    assert found == [
        ("poll", False, 1.5),
        ("lookup", False, 2.5),
        ("poll", True, 2.0),
        ("lookup", True, 3.0),
        ("stream", True, 4.0),
        ("stream", False, 5.0),
    ]


def test_lookups_are_one_reading_that_ends_with_the_last() -> None:
    first = op("lookup", 2.0, job="j", status=404, worker="b")
    last = op("lookup", 3.0, took_s=0.5, job="j", events=[end(3.2)], worker="c", status=200)

    assert readings_of(first, last) == (
        ReaderHistory(
            kind="lookup",
            via="c",
            began_s=2.0,
            ended_s=3.5,
            events=(end(3.2),),
            ended="clean",
            status=200,
            again=False,
            gaps_possible=False,
        ),
    )


def test_a_lookup_that_never_was_answered_may_have_missed_all() -> None:
    [reading] = readings_of(open_ended("lookup", 2.0, status=500, worker=None))

    assert (reading.via, reading.ended_s, reading.ended) == ("", 2.0, "open")
    assert reading.gaps_possible


def test_a_stream_is_a_reading() -> None:
    told = stream(2.0, ticks(0, from_s=2.5), until_s=4.0, status=206)

    assert readings_of(told) == (
        ReaderHistory(
            kind="stream",
            via="a",
            began_s=2.0,
            ended_s=4.0,
            events=tuple(ticks(0, from_s=2.5)),
            ended="clean",
            status=206,
            again=False,
        ),
    )


def test_a_stream_that_says_nothing_of_its_end_is_open_and_one_under_way_is_none() -> None:
    [reading] = readings_of(op("stream", 2.0, job="j", worker=None))

    assert (reading.ended, reading.via) == ("open", "")
    assert readings_of(open_ended("stream", 2.0)) == ()


# -- jobs that are waited for ----------------------------------------------------------------


def waited(**rest: Any) -> Operation:
    facts = {"key": "k", "errand": 7, "ticks": 2, "lasts_s": 2.0, "accepted": True}
    return op("predict", 1.0, took_s=3.0, job="j", **{"facts": facts, **rest})


def test_a_wait_is_submit_and_reading_in_one() -> None:
    wait = waited(events=[end(4.0)], status=500)

    life = life_of(wait, poll(2.0, []))

    assert life.submit == replace(wait, kind="submit", status=200, ended_s=1.0)
    assert life.readings == (
        ReaderHistory(
            kind="wait",
            via="a",
            began_s=1.0,
            ended_s=4.0,
            events=(end(4.0),),
            ended="clean",
            status=200,
        ),
        *life_of(submit(), poll(2.0, [])).readings,
    )


def test_a_wait_that_told_nothing_is_open_with_its_own_status() -> None:
    [reading] = life_of(waited(status=504, worker=None)).readings

    assert (reading.ended, reading.status, reading.via) == ("open", 504, "")
    unended = replace(waited(), ended_s=None)
    assert life_of(unended).readings[0].ended_s == 1.0


def test_a_wait_that_was_not_accepted_has_no_job() -> None:
    refused = waited(facts={"key": "k", "errand": 7})

    life = life_of(refused, work(0, from_s=1.0), poll(2.0, []))

    assert (life.job, life.readings) == (None, ())
    assert life.work == tuple(ticks(0, from_s=1.0))


def test_work_of_a_wait_is_found_by_its_key() -> None:
    assert life_of(waited(), work(0, 1, from_s=1.0)).work == tuple(ticks(0, 1, from_s=1.0))
