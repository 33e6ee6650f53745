"""What a failed expectation says: the wanted and the seen, word by word, and whose job it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock

import pytest

from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, Violation
from queueproof.expectations import (
    expect,
    expect_answer,
    expect_refusal,
    expect_that,
    require_answer,
)
from queueproof.history import NO_EVENT, Event, EventKind, History, Outcome, checksum_of
from queueproof.probe import Probe
from queueproof.targets.answers import Kind
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.protocol import Reply
from queueproof.targets.worker import ANY_WORKER

WORDS = ("grün", "a" * 50 + "b" * 50, "plain")


def job(id_: str = "j", *, words: tuple[str, ...] = ()) -> Job:
    probe = Probe(ticks=3, interval_s=0.1, words=words)
    system = Mock(timings=Timings(), history=History())  # in which no client was ever late
    return Job(id=id_, key="k", probe=probe, owner=ANY_WORKER, submitted_s=0.0, system=system)


def delivery(
    *events: Event, ending: Ending = Ending.COMPLETED, detail: str = "", of: Job | None = None
) -> Delivery:
    return Delivery(job=of or job(), events=events, ending=ending, ended_s=9.0, detail=detail)


def tick(number: int) -> Event:
    return Event(EventKind.TICK, float(number), tick=number)


def reply(status: int | None) -> Reply:
    outcome = Outcome.UNKNOWN if status is None else Outcome.FAILED
    return Reply(outcome=outcome, status=status, detail="so it said")


def violation(expectation: Callable[[], None]) -> Violation:
    with pytest.raises(Violation) as told:
        expectation()
    return told.value


# -- answers -------------------------------------------------------------------------------


def test_an_answer_that_was_not_wanted_is_told_with_who_gave_it() -> None:
    one = violation(lambda: expect_answer(reply(500), Kind.REFUSAL, to="a poll", jobs=job()))
    two = violation(
        lambda: expect_answer(
            reply(404), 200, 403, to="a look", by="worker b", jobs=(job("x"), job("y"))
        )
    )

    assert (one.expected, one.actual) == (
        f"a poll to be answered with {Kind.REFUSAL.value}",
        "it answered 500 so it said",
    )
    assert (two.expected, two.actual) == (
        "a look to be answered with 200 or 403",
        "worker b answered 404 so it said",
    )
    assert (one.job_ids, two.job_ids) == (("j",), ("x", "y"))


def test_no_answer_is_told_as_none() -> None:
    told = violation(lambda: expect_answer(reply(None), Kind.SUCCESS, to="a poll", by="worker b"))

    assert told.actual == reply(None).words
    assert "answered" not in told.actual
    assert told.job_ids == ()


def test_a_refusal_is_any_4xx_of_the_target() -> None:
    expect_refusal(reply(404), to="a poll")
    expect_refusal(reply(403), to="a poll", by="worker b")
    for status in (200, 500):
        told = violation(
            lambda status=status: expect_refusal(reply(status), to="a poll", by="b", jobs=job())
        )
        assert told.expected == f"a poll to be answered with {Kind.REFUSAL.value}"
        assert told.actual == f"b answered {status} so it said"
        assert told.job_ids == ("j",)


def test_a_user_who_is_no_longer_let_in_is_refused_everything() -> None:
    with pytest.raises(Inconclusive) as told:
        expect_refusal(reply(401), to="a poll")

    assert str(told.value) == "a poll: the run's own user is not let in: 401 so it said"


def test_what_a_case_needs_and_does_not_get_leaves_it_open() -> None:
    require_answer(reply(200), Kind.SUCCESS, to="a poll")
    with pytest.raises(Inconclusive) as told:
        require_answer(reply(500), Kind.SUCCESS, 404, to="a poll")

    wanted = f"{Kind.SUCCESS.value} or 404"
    assert str(told.value) == f"a poll was not answered with {wanted}: 500 so it said"


def test_a_plain_expectation_names_its_jobs_and_events() -> None:
    expect_that(True, expected="this", actual="that")
    told = violation(
        lambda: expect_that(
            False, expected="this", actual="that", jobs=(job("x"), job("y")), events=(tick(1),)
        )
    )

    assert (told.expected, told.actual) == ("this", "that")
    assert (told.job_ids, told.events) == (("x", "y"), (tick(1),))
    assert violation(lambda: expect_that(False, expected="", actual="", jobs=job())).job_ids == (
        "j",
    )


# -- deliveries ----------------------------------------------------------------------------


def test_a_delivery_with_a_tick_twice_says_which_and_how_it_ended() -> None:
    told = violation(
        expect(delivery(tick(0), tick(1), tick(1), tick(2))).to_be_complete_and_in_order
    )

    assert told.expected == "ticks 0..2 once each, in order"
    assert told.actual == "4 deliveries of 3 ticks: 1 duplicated (1)"
    assert (told.job_ids, told.events) == (("j",), (tick(1),))


@pytest.mark.parametrize(
    ("detail", "ended"), [("poll 3: 404", "; refused (poll 3: 404)"), ("", "; refused")]
)
def test_a_delivery_that_did_not_complete_says_how_it_ended(detail: str, ended: str) -> None:
    short = delivery(tick(0), ending=Ending.REFUSED, detail=detail)

    in_order = violation(expect(short).to_be_complete_and_in_order)
    lost = violation(expect(short).to_have_lost_nothing)

    assert in_order.actual == f"1 deliveries of 3 ticks: 2 missing (1, 2){ended}"
    assert (lost.expected, lost.actual) == ("all 3 ticks", f"2 missing (1, 2){ended}")
    assert lost.job_ids == ("j",)


def test_an_end_that_was_not_wanted_is_told_with_what_came_before() -> None:
    plain = violation(lambda: expect(delivery(tick(0))).to_have_ended(Ending.FAILED))
    detailed = delivery(ending=Ending.SILENT, detail="no terminal event in 4 polls")
    silent = violation(lambda: expect(detailed).to_have_ended(Ending.FAILED, Ending.CANCELLED))

    assert plain.expected == f"the reader is told: {Ending.FAILED.value}"
    assert plain.actual == f"{Ending.COMPLETED.value} after 1 ticks"
    assert silent.expected.endswith(f"{Ending.FAILED.value} or {Ending.CANCELLED.value}")
    assert silent.actual == f"{Ending.SILENT.value} after 0 ticks (no terminal event in 4 polls)"
    assert plain.job_ids == silent.job_ids == ("j",)
    expect(delivery()).to_have_ended(Ending.FAILED, Ending.COMPLETED)


def test_no_end_at_all_is_told() -> None:
    told = violation(expect(delivery(ending=Ending.SILENT, detail="so")).to_have_ended_somehow)

    assert told.expected == "the reader reaches an end"
    assert told.actual == f"{Ending.SILENT.value} (so)"


def test_a_front_that_asks_to_come_again_is_named() -> None:
    put_off = delivery(ending=Ending.PUT_OFF, detail="nginx: 503")
    for statement in ("to_have_lost_nothing", "to_be_complete_and_in_order"):
        with pytest.raises(Inconclusive, match="a reader was asked to come again: nginx: 503"):
            getattr(expect(put_off), statement)()


def test_a_job_that_had_not_begun_when_the_grace_was_over_settles_nothing() -> None:
    late = replace(delivery(ending=Ending.UNMARKED), began_s=0.0, ended_s=1e6)

    for statement in ("to_have_lost_nothing", "to_be_complete_and_in_order"):
        with pytest.raises(Inconclusive) as told:
            getattr(expect(late), statement)()
        assert str(told.value) == "the job had not begun when the startup grace was over"
    with pytest.raises(Inconclusive, match="had not begun when the startup grace was over"):
        expect(late).to_have_ended(Ending.FAILED)
    expect(late).to_have_ended(Ending.UNMARKED)


def test_a_case_about_readers_that_the_grace_ends_judges_how_they_end() -> None:
    late = replace(delivery(ending=Ending.UNMARKED), began_s=0.0, ended_s=1e6)

    with pytest.raises(Violation):
        expect(late).to_have_ended(Ending.FAILED, by_grace=True)


def test_what_was_still_coming_is_told_with_how_much_had_come() -> None:
    late = (replace(tick(0), at_s=8.8), replace(tick(1), at_s=8.9))
    seen = delivery(*late, ending=Ending.SILENT)
    assert seen.was_still_coming

    with pytest.raises(Inconclusive) as told:
        expect(seen).to_have_lost_nothing()

    assert str(told.value) == (
        "2 of 3 ticks had come and more were still coming when the reader's time was over, 9 s "
        "after the submit"
    )


# -- texts ---------------------------------------------------------------------------------


def texts(*told: str | None) -> Delivery:
    """A job of three words, and what its events said; None for an event without its text."""
    of = job(words=WORDS)
    events = (
        Event(
            EventKind.TICK,
            float(number),
            tick=number,
            text=text or "",
            checksum=None if text is None else checksum_of(text),
        )
        for number, text in enumerate(told)
    )
    return delivery(*events, of=of)


def test_texts_that_came_as_they_were_made_are_unchanged() -> None:
    of = job(words=WORDS)
    expect(texts(*(of.probe.text_of(number) for number in range(3)))).to_be_unchanged()


def test_each_changed_text_is_told_with_what_became_of_it() -> None:
    of = job(words=WORDS)
    made = [of.probe.text_of(number) for number in range(3)]
    told = violation(expect(texts("gr?n", made[1], made[2][:-1])).to_be_unchanged)

    assert told.expected == "each event's text as it was logged"
    first, last = told.actual.split("; ")
    assert first.startswith(f"tick 0: {made[0]!a} ({len(made[0])} characters) came as 'gr?n' (4 ")
    assert last.startswith("tick 2: ")
    assert told.job_ids == ("j",)
    assert [event.tick for event in told.events] == [0]


def test_three_changed_texts_are_examples_enough() -> None:
    many = replace(job(), probe=Probe(ticks=5, interval_s=0.1, words=("x",)))
    events = (
        Event(EventKind.TICK, 0.0, tick=number, text="y", checksum=checksum_of("y"))
        for number in range(5)
    )

    told = violation(expect(delivery(*events, of=many)).to_be_unchanged)

    assert told.actual.count("came as") == 3


def test_a_long_text_is_shown_by_both_its_ends() -> None:
    long = "a" * 41 + "b" * 41
    told = violation(expect(texts(long, "", "")).to_be_unchanged)

    assert f"came as '{'a' * 40}\\u2026{'b' * 40}' (82 characters)" in told.actual
    eighty = violation(expect(texts("c" * 80, "", "")).to_be_unchanged)
    assert f"came as '{'c' * 80}' (80 characters)" in eighty.actual


def test_where_no_text_is_carried_nothing_is_said_of_texts() -> None:
    with pytest.raises(Inconclusive) as told:
        expect(texts(None, None, None)).to_be_unchanged()
    assert str(told.value) == "the target's events do not carry the text that was logged"

    of = job(words=WORDS)
    with pytest.raises(Violation):
        expect(texts(of.probe.text_of(0), None, None)).to_be_unchanged()


def test_texts_of_a_job_that_lost_one_are_not_judged_before_that() -> None:
    told = violation(expect(texts("gr?n")).to_be_unchanged)

    assert "missing" in told.actual


def test_what_is_no_event_between_events_is_shown() -> None:
    strange = [Event(EventKind.OTHER, 1.0, text=f"{NO_EVENT} {number}") for number in range(4)]
    expect(delivery(tick(0), Event(EventKind.OTHER, 1.0, text="news"))).to_consist_of_events()

    told = violation(expect(delivery(tick(0), *strange)).to_consist_of_events)

    assert told.expected == "nothing but events"
    assert told.actual.split("; ")[0] == f"{strange[0].text!a} ({len(strange[0].text)} characters)"
    assert told.actual.count("characters") == 3
    assert (told.job_ids, told.events) == (("j",), (strange[0],))


def test_a_job_that_was_left_alone_on_purpose_is_judged_all_the_same() -> None:
    for left_alone, outcome in ((False, Inconclusive), (True, Violation)):
        seen = delivery(tick(0), ending=Ending.REFUSED)
        seen.job.system.timings = replace(Timings(), stream_ttl_s=8.0)
        late = replace(seen, events=(Event(EventKind.TICK, 29.5, tick=0),), ended_s=30.0)
        with pytest.raises(outcome):
            expect(late, left_alone=left_alone).to_have_lost_nothing()
        with pytest.raises(outcome):
            expect(late, left_alone=left_alone).to_have_ended(Ending.COMPLETED)
