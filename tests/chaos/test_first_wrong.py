"""What an outage broke first: the instant in words, and the operation that showed it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.chaos.first_wrong import broken_in, shown_by, trace_of, when_in
from queueproof.chaos.judging import judge
from queueproof.checkers.findings import broken
from queueproof.reporting.digest import WRONG_HERE

from .histories import end, frame, op, outage, poll, stream, submit, ticks, work

SUBMIT, BEFORE = submit(1.0), poll(2.0, ticks(0, from_s=2.0))
#: Told its end, 0.5 s after the fault at 10 s, with one tick of four done.
WRONG = replace(poll(10.4, [end(10.5)]), number=9)
LATER = replace(poll(12.0, [end(12.05)]), number=10)
OUTAGE = outage(SUBMIT, BEFORE, WRONG, LATER, work(0, from_s=2.0))


@pytest.mark.parametrize(
    ("at_s", "words"),
    [
        (9.0, "before the outage"),
        (10.5, "0.5 s after the fault began"),
        (15.0, "1.0 s after the fault was removed"),
        (20.0, "4.0 s after service was whole again"),
    ],
)
def test_an_instant_is_told_by_what_the_outage_did_last(at_s: float, words: str) -> None:
    assert when_in(OUTAGE, at_s) == words


def test_the_operation_that_heard_it_showed_it() -> None:
    told = broken(10.5, expected="all", actual="one", job="j")
    assert shown_by(OUTAGE, told) is WRONG


def test_an_instant_of_no_operation_marks_none() -> None:
    """What only the witness saw was shown by no request: none is accused of it."""
    assert shown_by(OUTAGE, broken(11.0, expected="all", actual="one", job="j")) is None


def test_without_a_job_the_operation_of_that_instant_showed_it() -> None:
    asked = op("health", 13.0)
    told = broken(13.0, expected="not well", actual="well")
    assert shown_by(outage(asked, SUBMIT), told) is asked


def test_the_trace_marks_the_wrong_operation_however_much_there_is() -> None:
    polls = [replace(poll(2.0 + n / 10, []), number=100 + n) for n in range(60)]
    told = broken(10.5, expected="all", actual="one", job="j")
    lines = trace_of(outage(SUBMIT, *polls, WRONG, work(0, from_s=2.0)), told)
    marked = [line for line in lines if WRONG_HERE in line]
    assert len(marked) == 1
    assert marked[0].startswith("10.400s poll")
    assert any("more operations" in line for line in lines)
    assert len(lines) < 24


def test_what_broke_first_is_told_first_of_each_requirement() -> None:
    operations = [
        *frame(),
        SUBMIT,
        BEFORE,
        WRONG,
        stream(17.0, [end(17.5)], facts={}),
        work(0, from_s=2.0),
    ]
    failing = [each for each in judge(operations) if each.broken]
    told = broken_in(outage(*operations[6:]), failing)
    of = {each["requirement"]: each for each in told}
    assert of["RESI-004"]["when"] == "0.5 s after the fault began"
    assert of["RESI-004"]["operation"] == 9
    assert of["RESI-004"]["kind"] == "poll"
    assert [each["at_s"] for each in told] == sorted(each["at_s"] for each in told)
