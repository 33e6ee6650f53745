"""How long a play waits: long enough to judge, and no longer."""

from __future__ import annotations

from queueproof.exploring.patience import overdue, settled
from queueproof.exploring.record import StreamEnd
from queueproof.exploring.steps import Kind

from .records import ENDLESS, act, job, record, stream

CANCEL = act(Kind.CANCEL, "b", at_s=0.3, ok=True)
WITHIN_S = 7.0


def test_a_job_that_need_not_stop_is_settled() -> None:
    """Nobody cancelled it, nobody left."""
    seen = record(job(probe=ENDLESS, done=3))

    assert settled(seen, seen.jobs[1], now_s=0.4)


def test_a_cancelled_job_is_watched_until_it_is_silent() -> None:
    """Eight ticks and a second without a sign of work."""
    seen = record(job(probe=ENDLESS, done=3), CANCEL)

    assert not settled(seen, seen.jobs[1], now_s=1.0)
    assert settled(seen, seen.jobs[1], now_s=1.4)


def test_a_job_that_works_on_is_watched_until_its_bound_is_over() -> None:
    """Then it is guilty, and nothing more is learnt by waiting."""
    before = record(job(probe=ENDLESS, done=30), CANCEL)
    beyond = record(job(probe=ENDLESS, done=40), CANCEL)

    assert not settled(before, before.jobs[1], now_s=3.1)
    assert settled(beyond, beyond.jobs[1], now_s=4.1)


def test_a_dropped_stream_is_waited_for_like_a_cancel() -> None:
    """It may stop the job."""
    left = stream("b", 0, end=StreamEnd.DROPPED, closed_s=0.3)
    seen = record(job(probe=ENDLESS, done=3), left)

    assert not settled(seen, seen.jobs[1], now_s=1.0)
    assert settled(seen, seen.jobs[1], now_s=1.4)


def test_a_reader_of_a_finished_job_waits_for_an_answer() -> None:
    """However late it came: as long as a held poll and its answer take."""
    seen = record(job())

    assert not overdue(seen, 1, 0.0, now_s=3.9, within_s=WITHIN_S)
    assert overdue(seen, 1, 0.0, now_s=4.1, within_s=WITHIN_S)
    assert not overdue(seen, 1, 20.0, now_s=23.9, within_s=WITHIN_S)


def test_a_reader_of_a_running_job_waits_for_all_it_does() -> None:
    """Its work, and everything around it."""
    seen = record(job(probe=ENDLESS, done=3))

    assert not overdue(seen, 1, 0.0, now_s=6.9, within_s=WITHIN_S)
    assert overdue(seen, 1, 0.0, now_s=7.1, within_s=WITHIN_S)
