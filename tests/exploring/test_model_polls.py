"""What is said of a job's polls, word for word: their order, their story, their answers and end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.model.causes import MARGIN_S
from queueproof.exploring.model.polls import judge_polls
from queueproof.exploring.record import Act, Disturbance, JobSeen, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.probe import Probe

from .records import ENDLESS, TIMINGS, act, gave_up, job, poll, record, stream

START, END, ERROR, CANCELLED = (
    EventKind.START,
    EventKind.END,
    EventKind.ERROR,
    EventKind.CANCELLED,
)
FAILING = Probe(ticks=5, interval_s=0.1, fail_at=3, witnessed=True)
BURST = Probe(ticks=4, interval_s=0.0, witnessed=True)
GRACE_S = 0.95 * TIMINGS.startup_grace_s
NOTHING = Judgement()


def judged(*parts: JobSeen | Act | StreamSeen, until_s: float = 1.0) -> Judgement:
    return of(record(*parts, until_s=until_s))


def of(seen: Record) -> Judgement:
    judgement = Judgement()
    judge_polls(seen, seen.jobs[1], judgement)
    return judgement


def said(rule: str, requirement: str, expected: str, actual: str) -> list[ModelFinding]:
    return [
        ModelFinding(rule=rule, requirement=requirement, expected=expected, actual=actual, job=1)
    ]


def kept(*requirements: str) -> Judgement:
    return Judgement([], Counter(requirements))


def seen_at(*at_s: float, probe: Probe = ENDLESS, owner: str = "a") -> JobSeen:
    return replace(job(probe=probe, owner=owner), sightings=list(enumerate(at_s)))


def took(one: Act, until_s: float) -> Act:
    return replace(one, ended_s=until_s)


def disturbed(seen: Record, via: str, from_s: float, until_s: float) -> Record:
    seen.disturbances.append(Disturbance(kind=Kind.PAUSE, via=via, from_s=from_s, until_s=until_s))
    return seen


# -- order -----------------------------------------------------------------------------------


def test_each_tick_is_an_occasion_and_the_end_another() -> None:
    whole = poll("a", START, 0, 1), poll("a", 2, 3, END)

    assert judged(job(), *whole) == kept(*["POLL-002"] * 5)
    assert judged(job()) == NOTHING


def test_a_tick_that_is_not_the_next_is_named_and_nothing_after_it_judged() -> None:
    found = judged(job(), poll("b", 0), poll("a", 2, 3), poll("c", 0, END), poll("c"))

    assert found.findings == said(
        "polls' order",
        "POLL-003",
        "tick 1 of job 1 next, once each, in order",
        "tick 2 via a (owner a), polled via a, b",
    )
    assert found.judged == {"POLL-001": 1, "POLL-003": 1}


def test_a_repeated_tick_is_named() -> None:
    assert judged(job(), poll("b", 0, 0)).findings == said(
        "polls' order",
        "POLL-001",
        "tick 1 of job 1 next, once each, in order",
        "tick 0 via b (owner a), polled via b",
    )


def test_after_a_wrong_order_no_missing_end_is_judged() -> None:
    seen = record(job(), poll("b", 0, 0))
    seen.unfinished = [(1, "b")]

    assert [one.rule for one in of(seen).findings] == ["polls' order"]


@pytest.mark.parametrize(
    ("readers", "requirement"),
    [
        ([poll("a", 0, 0)], "POLL-002"),
        ([poll("b", 0, 0)], "POLL-001"),
        ([poll("b", 0), poll("a", 0)], "POLL-003"),
        ([poll("b", 0), poll("c", 0)], "POLL-003"),
        ([poll("c", 0, of=2), poll("b", 0, 0)], "POLL-001"),
        ([stream("b", closed_s=0.5), poll("a", 0, 0)], "POLL-012"),
        ([stream("b", closed_s=0.49), poll("a", 0, 0)], "POLL-002"),
        ([stream("b", of=2), poll("a", 0, 0)], "POLL-002"),
        ([stream("b", closed_s=0.6), poll("a", 0), poll("a", 0, at_s=0.7)], "POLL-012"),
        ([stream("b", closed_s=0.45), gave_up("a", at_s=0.4), poll("a", 0, 0)], "POLL-004"),
        ([gave_up("a", at_s=0.4), stream("b"), poll("a", 0, 0)], "POLL-004"),
    ],
)
def test_the_requirement_is_that_of_the_company(
    readers: list[Act | StreamSeen], requirement: str
) -> None:
    [found] = judged(job(), *readers).findings

    assert found.requirement == requirement


def test_a_poll_that_was_given_up_counts_as_the_first() -> None:
    """A stream that was over when it began does not share the job with the polls."""
    left = took(poll("a", at_s=0.4, status=404), 0.41)
    early = stream("b", closed_s=0.3)
    later = stream("b", closed_s=0.45)

    for company, name in ((early, "POLL-002"), (later, "POLL-012")):
        given_up = replace(left, kind=Kind.GIVE_UP, status=200)
        [found] = judged(job(), company, given_up, poll("a", 0, 0)).findings
        assert found.requirement == name


def test_a_job_without_pauses_is_a_burst() -> None:
    burst = job(probe=BURST)

    assert judged(burst, poll("a", 0, 0)).findings[0].requirement == "POLL-010"
    assert judged(burst, stream("b"), poll("a", 0, 0)).findings[0].requirement == "POLL-012"


# -- what may have been lost -----------------------------------------------------------------


@pytest.mark.parametrize(("done_s", "lost"), [(0.75 + MARGIN_S, True), (0.8 + MARGIN_S, False)])
@pytest.mark.parametrize("how", ["given up", "disturbed"])
def test_what_was_done_until_an_answer_was_lost_may_have_travelled_in_it(
    how: str, done_s: float, lost: bool
) -> None:
    left = took(gave_up("b", at_s=0.5), 0.75)
    seen = record(seen_at(done_s, 2.0), left, poll("a", 1, at_s=2.1), until_s=3.0)
    if how == "disturbed":
        seen.acts[0] = replace(poll("b", at_s=0.5), ended_s=0.75)
        disturbed(seen, "b", 0.75, 0.8)

    assert [one.rule for one in of(seen).findings] == ["polls' order"] * (not lost)


def test_an_answer_beside_a_disturbance_of_its_worker_is_not_judged() -> None:
    """Nor does its worker count among those that were polled."""
    seen = record(job(), poll("b", 3, 3), poll("a", 0, 0, at_s=0.9))

    assert of(disturbed(seen, "b", 0.1, 0.6)).findings == said(
        "polls' order",
        "POLL-002",
        "tick 1 of job 1 next, once each, in order",
        "tick 0 via a (owner a), polled via a",
    )


def test_all_that_is_missing_must_have_been_lost() -> None:
    late = seen_at(0.1, 0.9, 0.95)

    assert judged(late, gave_up("b", at_s=0.2), poll("a", 1)).findings == []
    assert judged(late, gave_up("b", at_s=0.2), poll("a", 2, at_s=1.0)).findings == said(
        "polls' order",
        "POLL-004",
        "tick 0 of job 1 next, once each, in order",
        "tick 2 via a (owner a), polled via a, b",
    )


def test_a_tick_that_the_witness_never_heard_of_may_have_been_lost() -> None:
    assert judged(seen_at(), gave_up("b", at_s=0.2), poll("a", 1)) == kept("POLL-004")


def test_without_a_witness_any_tick_may_have_been_lost() -> None:
    seen = record(seen_at(5.0, 5.1), gave_up("b", at_s=0.2), poll("a", 1))
    seen.witnessed = False

    assert of(seen) == kept("POLL-004")


def test_after_a_loss_the_order_goes_on_from_what_came() -> None:
    found = judged(job(), gave_up("b", at_s=0.4), poll("a", 2, 2))

    assert found.findings[0].expected == "tick 3 of job 1 next, once each, in order"
    assert found.judged == {"POLL-004": 2}


# -- the story -------------------------------------------------------------------------------


def told(may: str) -> str:
    return f"job 1 {may}, with the ticks that go with it"


def by(via: str, ending: str, ticks: str, owner: str = "a") -> str:
    return f"polls (the last via {via}, owner {owner}) tell: {ending}, after {ticks} ticks"


def test_a_completed_job_has_all_its_ticks() -> None:
    short = judged(job(), poll("b", 0, 1, 2, END), poll("b", 0))

    assert short.findings == said(
        "polls' story", "POLL-001", told("completed"), by("b", "completed", "3 of 4")
    )
    assert short.judged == {"POLL-001": 4}
    assert judged(job(), poll("b", 0, 1, 2, 3, END)).findings == []


def test_ticks_that_may_have_been_lost_are_not_missed_at_the_end() -> None:
    late = seen_at(0.1, 0.2, 0.3, 0.9, probe=Probe(ticks=4, witnessed=True))

    left = took(gave_up("b", at_s=0.3), 0.8)
    assert judged(late, left, poll("a", 0, 1, END, at_s=1.0)) == kept(*["POLL-004"] * 3)
    left = took(left, 0.5)
    assert judged(late, left, poll("a", 0, 1, END, at_s=1.0)).findings == said(
        "polls' story", "POLL-004", told("completed"), by("a", "completed", "2 of 4")
    )


@pytest.mark.parametrize(
    "polls",
    [
        [poll("a", 0, 1, 2, ERROR, END)],
        [poll("a", 0, 1, 2, ERROR), poll("b", END)],
        [poll("a", 0, 1, 2, ERROR), poll("b"), poll("b", END)],
    ],
)
def test_a_failed_job_is_told_as_failed(polls: list[Act]) -> None:
    found = judged(job(probe=FAILING), *polls)

    assert found.findings == []
    assert found.judged["POLL-008"] == 1


def test_a_failed_job_that_is_told_as_completed_is_named() -> None:
    assert judged(job(probe=FAILING), poll("b", 0, 1, 2, END)).findings == said(
        "polls' story", "POLL-008", told("failed"), by("b", "completed", "3 of 3")
    )


@pytest.mark.parametrize(("last_s", "accused"), [(0.3, False), (0.5, True)])
def test_an_error_may_have_been_lost_with_the_last_tick(last_s: float, accused: bool) -> None:
    """What was done until 0.16 s and the margin."""
    seen = seen_at(0.1, 0.2, last_s, probe=FAILING)

    found = judged(seen, gave_up("b", at_s=0.1), poll("a", 0, 1, 2, END, at_s=0.6)).findings

    assert [one.requirement for one in found] == ["POLL-008"] * accused


@pytest.mark.parametrize(
    ("probe", "told_by", "may", "requirement", "ending"),
    [
        (ENDLESS, (0, CANCELLED), "completed", "WDOG-002", "cancelled"),
        (ENDLESS, (0, ERROR, END), "completed", "WDOG-002", "failed"),
        (FAILING, (0, CANCELLED), "failed", "POLL-009", "cancelled"),
    ],
)
def test_an_end_that_nothing_allowed_is_named(
    probe: Probe, told_by: tuple[int | EventKind, ...], may: str, requirement: str, ending: str
) -> None:
    ticks = f"1 of {len(probe.expected_ticks)}"

    found = judged(job(probe=probe, done=3), poll("b", *told_by))

    assert found.findings == said("polls' story", requirement, told(may), by("b", ending, ticks))


def test_who_is_named_for_an_early_end_is_told_by_its_instant() -> None:
    intrusion = act(Kind.INTRUDE, "c", at_s=0.505, ok=False, what="cancel")
    later = replace(intrusion, asked_s=0.52)

    for intruding, name in ((intrusion, "CANC-009"), (later, "WDOG-002")):
        [found] = judged(job(probe=ENDLESS), poll("b", CANCELLED), intruding).findings
        assert found.requirement == name


@pytest.mark.parametrize(("cancel_s", "accused"), [(0.505, False), (0.52, True)])
def test_a_cancelled_job_may_be_told_as_cancelled(cancel_s: float, accused: bool) -> None:
    """The poll was asked for at 0.5 s, and answered at 0.51 s."""
    cancel = act(Kind.CANCEL, "c", at_s=cancel_s, ok=True)
    found = judged(job(probe=ENDLESS), cancel, poll("b", 0, CANCELLED))

    assert bool(found.findings) is accused
    assert found.judged == {"POLL-001": 1, "WDOG-002" if accused else "POLL-009": 1}


def test_a_cancelled_job_that_is_told_as_failed_is_named_with_all_that_may_be() -> None:
    cancel = act(Kind.CANCEL, "c", at_s=0.2, ok=True)

    assert judged(job(probe=ENDLESS), cancel, poll("b", ERROR, END)).findings == said(
        "polls' story", "WDOG-002", told("cancelled or completed"), by("b", "failed", "0 of 400")
    )


# -- the grace of a start --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first_s", "ended_s", "sightings", "excused"),
    [
        (0.0, GRACE_S, (), True),
        (0.5, 0.5 + GRACE_S, (), True),
        (0.5, 0.49 + GRACE_S, (), False),
        (0.5, 0.5 + GRACE_S, (0.5 + GRACE_S - 1.0,), True),
        (0.5, 0.5 + GRACE_S, (0.49 + GRACE_S - 1.0,), False),
    ],
)
def test_a_reading_that_its_grace_has_ended_is_no_end_of_the_job(
    first_s: float, ended_s: float, sightings: tuple[float, ...], excused: bool
) -> None:
    """Counted from the first poll; what is told afterwards is judged."""
    polls = [
        poll("b", at_s=first_s),
        took(poll("b", ERROR, END, at_s=first_s + 0.25), ended_s),
        poll("b", 0, 0, at_s=2.9),
    ]

    [found] = judged(seen_at(*sightings), *polls, until_s=3.0).findings

    assert found.rule == ("polls' order" if excused else "polls' story")


@pytest.mark.parametrize(
    "polls",
    [
        [took(poll("b", 0, ERROR, END, at_s=0.1), 2.5)],
        [poll("b", 0, at_s=0.1), took(poll("b", ERROR, END, at_s=0.2), 2.5)],
    ],
)
def test_a_reader_that_has_got_a_tick_is_not_ended_by_its_grace(polls: list[Act]) -> None:
    [found] = judged(seen_at(2.4), *polls, until_s=3.0).findings

    assert found.rule == "polls' story"


def test_a_reading_that_goes_on_after_the_grace_is_no_end_either() -> None:
    assert judged(seen_at(), took(poll("b", ERROR, at_s=0.1), 2.5), until_s=3.0) == NOTHING


# -- without an answer -----------------------------------------------------------------------


def unanswered(took_s: float, detail: str = "") -> Act:
    one = poll("b", status=None, at_s=1.0)
    return replace(one, ended_s=1.0 + took_s, detail=detail)


def test_a_poll_is_answered_within_its_bound() -> None:
    """The hold and the time of an answer."""
    found = judged(job(), unanswered(4.0), poll("b", 0, 0, at_s=6.0), until_s=7.0)

    assert found.findings == said(
        "a poll's answer",
        "POLL-006",
        "a poll of job 1 via b is answered within 4.0 s",
        "no answer after 4.0 s",
    )
    assert found.judged == {"POLL-006": 1}


def test_a_poll_that_was_lost_before_its_bound_is_as_one_that_was_given_up() -> None:
    lost = unanswered(3.75)

    assert judged(job(), lost, poll("b", 0, 0, at_s=6.0), until_s=7.0).findings == said(
        "polls' order",
        "POLL-004",
        "tick 1 of job 1 next, once each, in order",
        "tick 0 via b (owner a), polled via b",
    )
    assert judged(job(), replace(unanswered(4.0), given_up=True), until_s=7.0) == NOTHING


def test_a_poll_after_the_end_is_answered_within_its_bound_too() -> None:
    silent = replace(unanswered(5.0, "timed out"), via="c")

    found = judged(job(), poll("b", 0, 1, 2, 3, END), silent, poll("b", 0, at_s=6.5), until_s=7.0)

    assert found.findings == said(
        "a poll's answer",
        "POLL-005",
        "a poll of job 1 via c is answered within 4.0 s",
        "timed out after 5.0 s, though the end had been told before",
    )


# -- refused ---------------------------------------------------------------------------------


def refused(at_s: float = 0.5, status: int = 404, detail: str = "") -> Act:
    return replace(poll("b", at_s=at_s, status=status), detail=detail)


def test_a_job_can_be_polled() -> None:
    found = judged(job(), poll("b", 0), refused(detail="unknown"), poll("b", 0))

    assert found.findings == said(
        "a poll's answer", "POLL-001", "job 1 can be polled via b", "404 unknown"
    )
    assert found.judged == {"POLL-001": 2}


@pytest.mark.parametrize(
    ("polls", "requirements"),
    [
        ([refused(status=410)], ["POLL-001"]),
        ([gave_up("b", at_s=0.2), refused(status=410), poll("b", 0, 0)], []),
        ([gave_up("b", at_s=0.2), refused(status=404)], ["POLL-004"]),
        ([refused(status=201)], ["POLL-001"]),
    ],
)
def test_a_job_may_be_gone_for_whom_did_not_wait_for_its_end(
    polls: list[Act], requirements: list[str]
) -> None:
    """Then no more is judged."""
    found = judged(job(), *polls)

    assert [one.requirement for one in found.findings] == requirements


ENDED = replace(job(probe=Probe(ticks=1, witnessed=True)), sightings=[(0, 0.5)])


@pytest.mark.parametrize(("at_s", "accused"), [(4.5, True), (4.75, False)])
def test_a_job_may_be_forgotten_when_half_its_time_to_live_is_over(
    at_s: float, accused: bool
) -> None:
    """After its end, or what may have ended it; nothing after that is judged."""
    cancel = act(Kind.CANCEL, "c", at_s=0.5, ok=False)
    again = poll("b", 0, 0, at_s=5.0)
    works_on = replace(job(probe=ENDLESS), answered_s=5.0)

    for seen in (judged(ENDED, refused(at_s), again), judged(works_on, cancel, refused(at_s))):
        assert [one.rule for one in seen.findings] == ["a poll's answer"] * accused


def test_a_job_may_be_forgotten_for_the_first_of_its_ends() -> None:
    cancels = [act(Kind.CANCEL, "c", at_s=at_s, ok=True) for at_s in (0.5, 3.0)]
    works_on = replace(job(probe=ENDLESS), answered_s=5.0)
    ended_later = replace(ENDED, sightings=[(0, 3.0)], answered_s=5.0)

    assert judged(works_on, *cancels, refused(4.75)) == NOTHING
    assert judged(ended_later, cancels[0], refused(4.75)) == NOTHING
    assert judged(ENDED, cancels[1], refused(4.75)) == NOTHING


# -- after the end ---------------------------------------------------------------------------

WHOLE = poll("b", 0, 1, 2, 3, END)


def after(*polls: Act) -> Judgement:
    """What is said of polls after the whole story had been told through b."""
    judgement = judged(job(), WHOLE, *polls, until_s=6.0)
    judgement.judged -= Counter({"POLL-001": 5})
    return judgement


@pytest.mark.parametrize(
    "again",
    [
        poll("b", END, at_s=0.7),
        poll("b", CANCELLED, at_s=0.7),
        poll("b", at_s=0.7, status=410),
        poll("c", END, at_s=0.7, status=500),
    ],
)
def test_the_end_is_told_again(again: Act) -> None:
    first = "POLL-005" if again.via == "b" else "POLL-003"

    assert after(again) == kept(first, "POLL-005")


def test_a_poll_after_the_end_that_tells_nothing_is_named_and_no_more_judged() -> None:
    mute = replace(poll("c", START, ERROR, at_s=0.7), detail="empty")
    found = after(mute, poll("c", at_s=0.8))

    assert found.findings == said(
        "a poll after the end",
        "POLL-005",
        "the terminal event of job 1 again, or 410",
        "200 empty via c, events: ['start', 'error']",
    )
    assert found.judged == {"POLL-003": 1, "POLL-005": 1}


@pytest.mark.parametrize(("via", "requirement"), [("b", "POLL-005"), ("a", "POLL-003")])
def test_ticks_after_the_end_are_named_and_the_next_poll_judged(via: str, requirement: str) -> None:
    """Through the same worker, or through another."""
    again = poll(via, 0, 1, 2, 3, 0, 1, END, at_s=0.7)

    found = after(again, poll(via, at_s=0.8))

    assert found.findings == [
        *said(
            "polls' order",
            requirement,
            "no tick of job 1 again after its end was told",
            f"ticks [0, 1, 2, 3, 0] again via {via}",
        ),
        *said(
            "a poll after the end",
            "POLL-005",
            "the terminal event of job 1 again, or 410",
            f"200 via {via}, events: []",
        ),
    ]


def test_after_the_end_a_job_may_be_forgotten_in_time() -> None:
    assert after(poll("b", at_s=5.0, status=404), poll("b", 0, at_s=5.5)) == NOTHING


def test_a_story_that_was_told_is_not_one_without_an_end() -> None:
    seen = record(job(), WHOLE)
    seen.unfinished = [(1, "b")]

    assert of(seen).findings == []


# -- no end ----------------------------------------------------------------------------------


def unfinished(*parts: Act | StreamSeen, seen: JobSeen | None = None) -> Record:
    one = record(seen or job(), poll("b", 0), *parts)
    one.unfinished = [(2, "c"), (1, "c"), (1, "ab"), (2, "d")]
    return one


def no_end(requirement: str, ticks: str = "1 of 4") -> list[ModelFinding]:
    return said(
        "polls' end",
        requirement,
        "polls of job 1 come to its end",
        f"no end by polling via a, b, with {ticks} ticks",
    )


def test_polls_come_to_an_end() -> None:
    found = of(unfinished())

    assert found == Judgement(no_end("POLL-001"), Counter({"POLL-001": 2}))
    others = unfinished()
    others.unfinished = [(2, "c")]
    assert of(others) == kept("POLL-001")


@pytest.mark.parametrize(
    ("via", "from_s", "until_s", "judged_all_the_same"),
    [
        ("b", 1.0, 1.0, False),
        ("b", 1.1, 2.0, True),
        ("b", -1.0, 0.0, False),
        ("b", -1.0, -0.1, True),
        ("c", 0.9, 2.0, True),
    ],
)
def test_an_end_is_not_owed_by_a_worker_that_was_out_of_order(
    via: str, from_s: float, until_s: float, judged_all_the_same: bool
) -> None:
    """At any time from the submit to the last look."""
    seen = disturbed(unfinished(), via, from_s, until_s)

    assert bool(of(seen).findings) is judged_all_the_same


LEFT = stream("c", 0, end=StreamEnd.DROPPED, asked_s=0.1, closed_s=0.3)
CANCEL = act(Kind.CANCEL, "c", at_s=0.3, ok=True)


@pytest.mark.parametrize(
    ("parts", "requirement"),
    [
        ([CANCEL], "POLL-009"),
        ([LEFT], "POLL-009"),
        ([poll("b", at_s=6.0)], "WDOG-008"),
        ([poll("b", at_s=6.0), CANCEL], "POLL-009"),
    ],
)
def test_an_end_that_is_missing_is_named_for_what_may_have_ended_the_job(
    parts: list[Act | StreamSeen], requirement: str
) -> None:
    for probe, ticks in ((ENDLESS, "1 of 400"), (FAILING, "1 of 3")):
        found = of(unfinished(*parts, seen=job(probe=probe)))
        assert found.findings == no_end(requirement, ticks)


def test_the_end_of_a_job_whose_worker_was_out_of_order_is_named_first() -> None:
    seen = disturbed(unfinished(CANCEL, LEFT), "a", 0.4, 0.45)

    assert of(seen).findings == no_end("LIFE-001")


def test_the_missing_end_of_a_failing_job_is_named() -> None:
    assert of(unfinished(seen=job(probe=FAILING))).findings == no_end("POLL-008", "1 of 3")
