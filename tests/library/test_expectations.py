"""What a case may expect of a delivery: an end is what the target told of the job, nothing else."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest

from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, Violation
from queueproof.expectations import expect, expect_that
from queueproof.history import Event, EventKind, History
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.worker import ANY_WORKER

ENDS = (Ending.COMPLETED, Ending.FAILED, Ending.CANCELLED, Ending.UNMARKED)


def delivery(ending: Ending, *ticks: int) -> Delivery:
    probe = Probe(ticks=3, interval_s=0.1)
    system = Mock(timings=Timings(), history=History())  # in which no client was ever late
    job = Job(id="j", key="k", probe=probe, owner=ANY_WORKER, submitted_s=0.0, system=system)
    events = tuple(Event(EventKind.TICK, float(tick), tick=tick) for tick in ticks)
    return Delivery(job=job, events=events, ending=ending, ended_s=9.0)


@pytest.mark.parametrize(
    ("refused_s", "last_tick_s", "excused"),
    [
        (30.0, 29.0, True),  # it read all the time, and the job's time to live came to its end
        (6.0, 5.5, False),  # the target gave the job up too early
        (30.0, 12.0, False),  # the target kept back what it had, and then gave it up
    ],
)
def test_a_reader_that_outlasts_the_time_to_live_accuses_nobody_if_it_was_diligent(
    refused_s: float, last_tick_s: float, excused: bool
) -> None:
    events = (Event(EventKind.TICK, last_tick_s, tick=0),)
    seen = replace(delivery(Ending.REFUSED), events=events, ended_s=refused_s)
    seen.job.system.timings = replace(Timings(), stream_ttl_s=8.0)

    with pytest.raises(Inconclusive if excused else Violation):
        expect(seen).to_have_lost_nothing()


@pytest.mark.parametrize("ending", ENDS)
def test_an_end_is_an_end_whatever_it_says(ending: Ending) -> None:
    expect(delivery(ending)).to_have_ended_somehow()


@pytest.mark.parametrize("ending", [one for one in Ending if one not in (*ENDS, Ending.PUT_OFF)])
def test_a_refusal_an_error_and_silence_are_no_end(ending: Ending) -> None:
    with pytest.raises(Violation) as told:
        expect(delivery(ending)).to_have_ended_somehow()

    assert told.value.job_ids == ("j",)


def test_a_reader_who_was_put_off_settles_nothing() -> None:
    with pytest.raises(Inconclusive):
        expect(delivery(Ending.PUT_OFF)).to_have_ended_somehow()


@pytest.mark.parametrize("ticks", [(0, 1), (0, 1, 1, 2), (0, 2, 1), (0, 1, 2, 3)])
def test_loss_repetition_disorder_and_invention_are_no_whole_delivery(ticks: tuple[int]) -> None:
    expect(delivery(Ending.COMPLETED, 0, 1, 2)).to_be_complete_and_in_order()
    with pytest.raises(Violation):
        expect(delivery(Ending.COMPLETED, *ticks)).to_be_complete_and_in_order()


def test_what_is_repeated_is_not_lost() -> None:
    expect(delivery(Ending.COMPLETED, 0, 1, 1, 2)).to_have_lost_nothing()
    with pytest.raises(Violation):
        expect(delivery(Ending.COMPLETED, 0, 2)).to_have_lost_nothing()


@pytest.mark.parametrize("whole", ["to_be_complete_and_in_order", "to_have_lost_nothing"])
def test_a_reader_whose_time_was_over_while_ticks_came_accuses_nobody(whole: str) -> None:
    still_coming = replace(delivery(Ending.SILENT, 0, 1), ended_s=2.0)
    with pytest.raises(Inconclusive, match="2 of 3 ticks"):
        getattr(expect(still_coming), whole)()
    for lacking in (
        replace(still_coming, ended_s=9.0),  # nothing came any more
        replace(still_coming, ending=Ending.UNMARKED),  # an end was told
        replace(delivery(Ending.SILENT, 0, 2), ended_s=2.5),  # one was passed over
    ):
        with pytest.raises(Violation):
            getattr(expect(lacking), whole)()


def test_only_the_ends_that_were_named_will_do() -> None:
    expect(delivery(Ending.CANCELLED)).to_have_ended(Ending.FAILED, Ending.CANCELLED)
    with pytest.raises(Violation):
        expect(delivery(Ending.COMPLETED)).to_have_ended(Ending.FAILED, Ending.CANCELLED)


def test_what_does_not_hold_is_a_violation_that_says_what_was_seen() -> None:
    expect_that(True, expected="this", actual="that")
    with pytest.raises(Violation) as told:
        expect_that(False, expected="this", actual="that")

    assert (told.value.expected, told.value.actual) == ("this", "that")
