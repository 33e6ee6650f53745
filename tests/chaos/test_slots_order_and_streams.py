"""Slots, priorities and streams behind an outage."""

from __future__ import annotations

from dataclasses import replace

from queueproof.checkers.findings import Status, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory, ReaderHistory
from queueproof.checkers.reopened_streams import check_streams
from queueproof.checkers.slots_and_order import check_priorities, check_slots
from queueproof.checkers.struck_jobs import may_be_over, struck_lives
from queueproof.history import Event, EventKind
from tests.chaos.queue_lives import ALL, life, operation, outage, reading

PROMISES = {"priorities": ["low", "high"]}


def slots(seen: int, *, wanted: int = 6, doubt: str = "") -> list[object]:
    facts = {
        "wanted": wanted,
        "declared": 6,
        "seen": seen,
        "asked": 6,
        "looks": 3,
        "doubt": doubt,
    }
    return list(check_slots(replace(outage(), operations=(operation("slots", 27.5, **facts),))))


def test_as_many_jobs_run_at_once_as_before() -> None:
    assert slots(6) == [held(27.5)]
    assert slots(5) == [
        broken(
            27.5,
            expected="as many jobs at once as before the outage: 6",
            actual="5 of 6 jobs at once, 3 times, until 20 s after it",
        )
    ]
    assert slots(5, doubt="refused") == [doubtful(27.5, actual="refused")]
    assert slots(5, wanted=5, doubt="5 of 6") == [doubtful(27.5, actual="5 of 6")]
    assert slots(6, wanted=5) == [held(27.5)]
    assert check_slots(outage()) == []


def urgent(job: str, priority: str, begun_s: float | None) -> JobHistory:
    one = life(job, ticks=[(0, begun_s)] if begun_s else [], told=EventKind.END)
    return replace(one, submit=replace(one.submit, asked={"priority": priority}))


def order(*begun: tuple[str, float | None]) -> list[Status]:
    lives = [urgent(str(n), word, at_s) for n, (word, at_s) in enumerate(begun)]
    return [one.status for one in check_priorities(outage(*lives, promises=PROMISES))]


def test_of_what_waited_through_an_outage_the_more_urgent_begins_first() -> None:
    low, high = [("low", 20.0), ("low", 21.0)], [("high", 9.6), ("high", 10.0)]

    assert order(*low, *high) == [Status.HELD]
    assert order(("low", 9.0), ("low", 9.5), *high) == [Status.BROKEN]
    assert order(("low", 9.0), ("low", 21.0), *high) == [Status.HELD]
    assert order(("low", 9.0), ("low", 9.5), ("high", None), ("high", None)) == [Status.BROKEN]


def test_what_no_longer_waited_shows_no_order() -> None:
    assert order(("low", 3.0), ("low", 4.0), ("high", 9.0), ("high", 9.5)) == [Status.DOUBTFUL]
    assert order() == []
    assert check_priorities(outage(urgent("j", "low", 9.0))) == []


def stream(
    began_s: float, ended_s: float, ticks: list[int], *, ended: str = "clean", told: bool = True
) -> ReaderHistory:
    events = tuple(Event(EventKind.TICK, began_s, tick=tick) for tick in ticks)
    end = (Event(EventKind.END, ended_s),) if told else ()
    one = reading(None, ended_s)
    return replace(one, kind="stream", began_s=began_s, events=(*events, *end), ended=ended)


def streamed(*streams: ReaderHistory, costs: str = "jobs", moves: bool = False) -> list[Status]:
    told = (
        *(Event(EventKind.TICK, 3.0, tick=tick) for tick in range(4)),
        Event(EventKind.END, 9.0),
    )
    polled = replace(reading(EventKind.END, 9.0), events=told)
    one = replace(life(ticks=ALL), readings=(polled, *streams))
    return [each.status for each in check_streams(outage(one, costs=costs, moves=moves))]


def test_a_stream_that_is_opened_again_has_what_others_were_told() -> None:
    assert streamed(stream(8.0, 10.0, [0, 1, 2, 3])) == [Status.HELD]
    assert streamed(stream(8.0, 10.0, [2, 3])) == [Status.BROKEN]
    assert streamed(stream(6.0, 10.0, [2, 3])) == [Status.BROKEN]
    assert streamed(stream(6.0, 10.0, [2, 3]), moves=True) == []
    assert streamed(stream(2.0, 10.0, [0, 1, 3])) == []
    assert streamed(stream(8.0, 10.0, [2, 3]), costs="data") == []


def test_a_stream_that_stays_open_long_after_its_jobs_end_hangs() -> None:
    assert streamed(stream(2.0, 40.0, [0, 1], ended="open", told=False)) == [Status.BROKEN]
    assert streamed(stream(2.0, 15.0, [0, 1], ended="open", told=False)) == []
    assert streamed(stream(2.0, 6.0, [0, 1], ended="broken", told=False)) == []


def test_a_job_that_is_quiet_for_long_is_not_over() -> None:
    """All its ticks are done before the fault, and most of its time is still to come."""
    quiet = replace(life(ticks=[(0, 3.0)], planned=1), lasts_s=4.0)

    assert not may_be_over(outage(quiet), quiet)
    assert may_be_over(outage(quiet), replace(quiet, lasts_s=1.0))


def test_a_run_that_fails_is_over_when_it_was_to_fail() -> None:
    """Its only tick tells nothing of when; of several runs the last one counts."""
    asked = {"fail_at": 1, "interval_s": 4.0}
    one = life(ticks=[(0, 3.0)], planned=1)
    failing = replace(one, submit=replace(one.submit, asked=asked))
    again = replace(failing, work=(*failing.work, Event(EventKind.TICK, 4.5, tick=0)))
    quick = replace(failing, submit=replace(one.submit, asked={**asked, "interval_s": 0.5}))

    assert [may_be_over(outage(each), each) for each in (failing, again, quick)] == [
        *(False, False, True)
    ]
    assert may_be_over(outage(quick), replace(quick, work=(*quick.work, *again.work[1:])))
    assert struck_lives(outage(failing, quick)) == [failing]
