"""From what a case raised to its result, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from queueproof.errors import (
    HarnessError,
    Inconclusive,
    NotAssessed,
    TargetUnreachable,
    UsageError,
    Violation,
)
from queueproof.history import Event, EventKind, History, Operation
from queueproof.reporting.model import CaseResult
from queueproof.running.marks import CaseMark
from queueproof.running.outcome import result_of, seen_through, words_of
from queueproof.running.strain import Strain
from queueproof.verdicts import Verdict

CASE = "suites/x.py::test_x"
EVENTS = [Event(kind=EventKind.TICK, at_s=float(at), tick=at) for at in range(3)]
CALM = Strain()
STARVED = Strain(lag_s=3.0)


def history() -> History:
    made = History()
    for number, case in ((4, CASE), (5, "another"), (6, CASE), (7, CASE)):
        made.operations.append(
            Operation(
                number=number,
                case=case,
                kind="poll",
                job="j",
                worker="a",
                invoked_s=float(number),
                ended_s=number + 0.5,
                events=[EVENTS[number - 5], EVENTS[0]] if number == 6 else EVENTS[:0],
            )
        )
    return made


def outcome(error: BaseException | None, *, strain: Strain = CALM, **mark: Any) -> CaseResult:
    return result_of(
        case_id=CASE,
        title="It is so.",
        mark=CaseMark(requirement="POLL-003", **mark),
        error=error,
        duration_s=1.23456,
        strain=strain,
        history=history(),
        reproduce="queueproof gate --only POLL-003",
    )


def violation(**more: Any) -> Violation:
    return Violation(expected="this", actual="that", **more)


def trace(wrong: int | None = None) -> tuple[str, ...]:
    return tuple(
        each.as_line() + ("  ← wrong here first" if each.number == wrong else "")
        for each in history().of_case(CASE)
    )


def test_a_case_that_returned_has_passed_and_tells_nothing_more() -> None:
    assert outcome(None) == CaseResult(
        id=CASE,
        requirement="POLL-003",
        title="It is so.",
        verdict=Verdict.PASSED,
        duration_s=1.235,
        alone=False,
    )
    assert outcome(None, alone=True).alone


def test_a_violation_fails_with_what_was_expected_seen_and_printed() -> None:
    seen = violation(job_ids=("j", "k"), events=(EVENTS[1],))
    seen.printed = ("boom", "bang")

    assert outcome(seen) == CaseResult(
        id=CASE,
        requirement="POLL-003",
        title="It is so.",
        verdict=Verdict.FAILED,
        duration_s=1.235,
        alone=False,
        expected="this",
        actual="that",
        trace=trace(6),
        wrong_operations=(6,),
        log=("boom", "bang"),
        history_refs=("history.jsonl.gz#job=j", "history.jsonl.gz#job=k"),
        reproduce="queueproof gate --only POLL-003",
    )


def test_an_event_that_is_alike_is_another_event() -> None:
    alike = Event(kind=EventKind.TICK, at_s=1.0, tick=1)
    assert alike == EVENTS[1]

    assert outcome(violation(events=(alike,))).wrong_operations == ()
    assert outcome(violation(events=(alike, EVENTS[0]))).wrong_operations == (6,)


def test_a_violation_seen_under_severe_strain_accuses_nobody_and_keeps_what_was_seen() -> None:
    result = outcome(violation(job_ids=("j",)), strain=STARVED)

    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason == (
        "the harness was starved for 3.0 s while it saw: expected this; actual that"
    )
    assert (result.expected, result.actual) == ("this", "that")
    assert result.trace == trace()
    assert result.history_refs == ("history.jsonl.gz#job=j",)
    assert result.reproduce == "queueproof gate --only POLL-003"


def test_strain_changes_nothing_else() -> None:
    assert outcome(None, strain=STARVED).verdict is Verdict.PASSED
    assert outcome(Inconclusive("who knows"), strain=STARVED).reason == "who knows"


def test_what_was_not_asked_has_a_reason_and_nothing_to_reproduce() -> None:
    result = outcome(NotAssessed("no access"))

    assert (result.verdict, result.reason) == (Verdict.NOT_ASSESSED, "no access")
    assert (result.trace, result.reproduce, result.history_refs) == ((), "", ())


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (Inconclusive("who knows"), Verdict.INCONCLUSIVE, "who knows"),
        (TargetUnreachable("it is gone"), Verdict.ERROR, "target unreachable: it is gone"),
        (HarnessError("no room"), Verdict.ERROR, "no room"),
        (UsageError("no such key"), Verdict.ERROR, "no such key"),
        (ValueError("a\n b"), Verdict.ERROR, "queueproof's own error: ValueError: a b"),
    ],
)
def test_whatever_else_a_case_raises_is_told_with_its_operations(
    error: Exception, verdict: Verdict, reason: str
) -> None:
    result = outcome(error)

    assert (result.verdict, result.reason) == (verdict, reason)
    assert result.trace == trace()
    assert result.reproduce == "queueproof gate --only POLL-003"
    assert (result.expected, result.actual, result.log) == ("", "", ())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (violation(), "it saw: expected this; actual that"),
        (Inconclusive("who knows"), "inconclusive: who knows"),
        (NotAssessed("no access"), "not assessed: no access"),
        (TargetUnreachable("it is gone"), "error: target unreachable: it is gone"),
        (ValueError("odd"), "error: queueproof's own error: ValueError: odd"),
    ],
)
def test_one_of_several_looks_is_told_in_a_line(error: Exception, words: str) -> None:
    assert words_of(error) == words


def test_what_stands_in_front_is_told_with_what_was_seen() -> None:
    seen = violation()

    assert seen_through(seen, "") is seen
    assert seen.actual == "that"
    assert seen_through(seen, "nginx") is seen
    assert seen.actual == (
        "that (seen through nginx: judge a worker's own address to tell which it is)"
    )
