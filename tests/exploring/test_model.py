"""The model on hand-written plays: legal, illegal, and undecidable ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.exploring.model import judge
from queueproof.exploring.record import Disturbance, StreamEnd
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.probe import Probe

from .records import (
    ENDLESS,
    PROBE,
    act,
    broken,
    gave_up,
    job,
    poll,
    record,
    stream,
)

START, END, ERROR, CANCELLED = (
    EventKind.START,
    EventKind.END,
    EventKind.ERROR,
    EventKind.CANCELLED,
)
FAILING = Probe(ticks=5, interval_s=0.1, fail_at=3, witnessed=True)


class TestLegal:
    """Nobody is accused."""

    def test_a_job_read_whole_by_polls_and_streams(self) -> None:
        """Every reader has its own story, and it is the same."""
        assert not broken(
            job(),
            poll("b", START, 0, 1),
            poll("a", 2),
            poll("c", 3, END),
            poll("b", END, at_s=0.6),
            stream("a", START, 0, 1, 2, 3, END),
            stream("a", START, 0, 1, 2, 3, END, number=2),
        )

    def test_a_failed_job_is_told_as_failed(self) -> None:
        """An error, then the end."""
        assert not broken(
            job(probe=FAILING),
            poll("b", 0, 1, 2, ERROR, END),
            stream("c", 0, 1, 2, ERROR, END),
        )

    def test_a_cancelled_job_stops_and_says_so(self) -> None:
        """What was done before is told."""
        assert not broken(
            job(probe=ENDLESS, done=3),
            act(Kind.CANCEL, "b", at_s=0.3, ok=True),
            stream("c", 0, 1, 2, CANCELLED),
            until_s=4.0,
        )

    def test_a_read_after_the_time_to_live_may_be_refused(self) -> None:
        """Nothing is kept for ever."""
        assert not broken(
            job(), poll("a", 0, 1, 2, 3, END), poll("a", at_s=9.0, status=404), until_s=9.1
        )


class TestUndecidable:
    """It may have been so or otherwise, and neither is held against anybody."""

    def test_ticks_may_travel_in_an_answer_that_nobody_waited_for(self) -> None:
        """They were done before the client left."""
        assert not broken(job(), poll("a", 0), gave_up("b", at_s=0.2), poll("a", 3, END, at_s=0.7))

    def test_an_error_may_travel_in_an_answer_that_nobody_waited_for(self) -> None:
        """The end alone is what remains of the story."""
        left = gave_up("b", at_s=0.3)

        assert not broken(job(probe=FAILING), poll("a", 0, 1, 2), left, poll("c", END, at_s=0.6))

    def test_a_cancel_that_was_not_answered_may_have_happened(self) -> None:
        """The job may end either way."""
        lost = replace(act(Kind.CANCEL, "b", at_s=0.1, ok=False), status=None)

        assert not broken(job(), lost, stream("c", 0, 1, 2, 3, END))
        assert not broken(job(probe=ENDLESS, done=3), lost, stream("c", 0, 1, 2, CANCELLED))

    def test_a_dropped_stream_beside_another_reader_may_or_may_not_cancel(self) -> None:
        """Only the last reader's leaving is a closed tab for certain."""
        left = stream("b", 0, 1, end=StreamEnd.DROPPED, closed_s=0.2)

        assert not broken(job(), left, stream("c", 0, 1, 2, 3, END, number=2), until_s=9.0)

    def test_a_client_that_was_silent_for_the_threshold_may_have_lost_its_job(self) -> None:
        """Late polls may find it cancelled."""
        assert not broken(job(probe=ENDLESS, done=50), poll("a", CANCELLED, at_s=5.4), until_s=5.5)

    def test_a_client_that_was_there_excuses_no_cancelled_job(self) -> None:
        """Only a silence up to the threshold may cost a job."""
        attended = [poll("a", at_s=at_s) for at_s in (1.5, 3.0, 4.5)]

        assert broken(
            job(probe=ENDLESS, done=50), *attended, poll("a", CANCELLED, at_s=5.4), until_s=5.5
        )
        assert broken(job(probe=ENDLESS, done=10), poll("a", CANCELLED, at_s=1.2), until_s=5.5)

    def test_a_reader_outlasted_by_the_grace_is_told_so(self) -> None:
        """The job had done nothing until then."""
        slow = job(probe=ENDLESS, done=0)

        assert not broken(slow, stream("b", ERROR, END, closed_s=2.1), until_s=2.2)

    def test_a_lost_connection_is_not_a_poll_without_an_answer(self) -> None:
        """Only an answer that was waited for in vain is missed."""
        lost = replace(poll("a", status=None), ended_s=0.6)

        assert not broken(job(), lost)

    def test_what_a_killed_worker_owed_is_not_judged(self) -> None:
        """Neither its streams nor the fate of its jobs."""
        seen = record(
            job(probe=ENDLESS, done=3, owner="a"),
            stream("a", 0, 1, end=StreamEnd.BROKEN),
            stream("b", 0, 1, 2, ERROR, END, number=2, closed_s=0.8),
        )
        seen.disturbances.append(
            Disturbance(kind=Kind.KILL, via="a", from_s=0.3, until_s=float("inf"))
        )

        assert not judge(seen).findings


class TestIllegal:
    """Each play breaks one requirement, and it is the one that is named."""

    @pytest.mark.parametrize(
        ("polls", "requirement"),
        [
            ([("a", (0, 1)), ("a", (1, 2))], "POLL-002"),
            ([("b", (0, 1)), ("b", (3,))], "POLL-001"),
            ([("a", (0, 1)), ("b", (0, 1))], "POLL-003"),
            ([("a", (0, 2, 1))], "POLL-002"),
        ],
    )
    def test_polls_that_repeat_or_leave_out(
        self, polls: list[tuple[str, tuple[int, ...]]], requirement: str
    ) -> None:
        """The workers that were asked decide which requirement it is."""
        assert broken(job(), *(poll(via, *ticks) for via, ticks in polls)) == [requirement]

    def test_a_given_up_poll_that_swallows_what_came_later(self) -> None:
        """The tick was done long after the client had left."""
        assert broken(
            job(probe=Probe(ticks=4, interval_s=0.5, witnessed=True)),
            poll("a", 0, at_s=0.1),
            gave_up("a", at_s=0.2),
            poll("a", 2, at_s=1.2),
            until_s=2.0,
        ) == ["POLL-004"]

    def test_a_poll_after_the_end_that_tells_nothing(self) -> None:
        """It should tell the end again."""
        assert broken(job(), poll("a", 0, 1, 2, 3, END), poll("a", at_s=0.7)) == ["POLL-005"]

    def test_a_poll_that_is_held_for_ever(self) -> None:
        """Beyond the hold and the time of an answer."""
        assert broken(job(), poll("a", status=None), until_s=12.0) == ["POLL-006"]

    def test_a_job_told_as_complete_with_ticks_missing(self) -> None:
        """A quiet success with losses."""
        assert broken(job(), stream("b", 0, 1, END)) == ["STRM-001"]

    def test_two_streams_that_share_a_buffer(self) -> None:
        """On one worker, at the same time."""
        assert "STRM-004" in broken(job(), stream("b", 0, 2, END), stream("b", 1, 3, END, number=2))

    def test_a_stream_that_ends_without_saying_how(self) -> None:
        """Complete, but unmarked."""
        assert broken(job(), stream("b", 0, 1, 2, 3)) == ["STRM-005"]

    def test_a_stream_that_goes_on_after_its_end(self) -> None:
        """Nothing follows the terminal event."""
        assert "STRM-015" in broken(job(), stream("b", 0, 1, 2, 3, END, START))

    def test_a_failure_told_as_a_success(self) -> None:
        """Truthful it is not."""
        assert broken(job(probe=FAILING), stream("b", 0, 1, 2, END)) == ["STRM-006"]

    def test_a_job_cancelled_though_nobody_asked(self) -> None:
        """Another job was cancelled meanwhile."""
        assert broken(
            job(),
            job(2, probe=ENDLESS, done=2),
            act(Kind.CANCEL, "a", at_s=0.2, ok=True, of=2),
            stream("b", 0, 1, CANCELLED),
        ) == ["CANC-016"]

    def test_a_cancel_that_leaves_the_work_running(self) -> None:
        """Success was answered; the witness hears on."""
        works_on = job(probe=ENDLESS, done=60)

        assert broken(works_on, act(Kind.CANCEL, "b", at_s=0.3, ok=True), until_s=6.0) == [
            "CANC-003"
        ]

    def test_a_closed_tab_that_nobody_notices(self) -> None:
        """The only reader left, and the work goes on."""
        left = stream("b", 0, 1, end=StreamEnd.DROPPED, closed_s=0.3)

        assert broken(job(probe=ENDLESS, done=60), left, until_s=6.0) == ["CANC-011"]

    def test_a_closed_tab_is_one_although_somebody_polls_later(self) -> None:
        """A client that comes back attends the job; its tab was closed all the same."""
        left = stream("b", 0, 1, end=StreamEnd.DROPPED, closed_s=0.3)
        back = gave_up("c", at_s=1.0)

        assert broken(job(probe=ENDLESS, done=60), left, back, until_s=6.0) == ["CANC-011"]

    def test_an_abandoned_job_that_is_never_reclaimed(self) -> None:
        """Threshold, interval and effect have passed."""
        assert broken(job(probe=ENDLESS, done=100), poll("b", 0, at_s=0.1), until_s=10.0) == [
            "WDOG-001"
        ]

    def test_readers_told_different_ends(self) -> None:
        """The job had finished before it was cancelled."""
        assert "CANC-007" in broken(
            job(),
            stream("b", 0, 1, 2, 3, END),
            act(Kind.CANCEL, "c", at_s=0.7, ok=True),
            poll("c", CANCELLED, at_s=0.8),
        )

    def test_work_that_is_done_twice(self) -> None:
        """The witness heard a tick two times."""
        twice = job()
        twice.sightings.append((1, 0.6))

        assert broken(twice) == ["SUBM-002"]

    @pytest.mark.parametrize(
        ("what", "requirement"),
        [("poll", "ACCS-008"), ("stream", "ACCS-009"), ("cancel", "CANC-009")],
    )
    def test_another_user_is_served(self, what: str, requirement: str) -> None:
        """Who does not own a job may not touch it."""
        intruding = act(Kind.INTRUDE, "b", at_s=0.2, ok=True, what=what)

        assert broken(job(), intruding) == [requirement]


def test_the_model_says_what_it_had_occasion_to_judge() -> None:
    """A requirement that no play touched is not reported as kept."""
    judgement = judge(record(job(probe=PROBE), stream("b", 0, 1, 2, 3, END)))

    assert {"STRM-001", "STRM-005", "STRM-015", "SUBM-002"} <= judgement.judged.keys()
    assert "POLL-003" not in judgement.judged


def test_nothing_is_said_of_what_was_not_promised() -> None:
    """A queue that has forgotten a job after its end broke no promise of its own."""
    judged = judge(record(job(), poll("a", START, 0, 1, 2, 3, END), poll("a", at_s=0.6)))
    assert [finding.requirement for finding in judged.findings] == ["POLL-005"]

    said = judged.of({"POLL-002"})

    assert not said.findings
    assert set(said.judged) == {"POLL-002"}
