"""Verdicts are ordered, and every one leads to its exit code."""

from __future__ import annotations

import pytest

from queueproof.verdicts import ExitCode, Verdict, exit_code_for, worst, worst_of_cases


def test_the_order_is_the_designs() -> None:
    """not assessed < passed in part < passed < inconclusive < failed < error."""
    by_gravity = sorted(Verdict, key=lambda verdict: verdict.gravity)

    assert [verdict.value for verdict in by_gravity] == [
        "not_assessed",
        "passed_in_part",
        "passed",
        "inconclusive",
        "failed",
        "error",
    ]


def test_the_worst_wins() -> None:
    """Failed outranks inconclusive."""
    assert worst([Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE]) is Verdict.FAILED


def test_nothing_is_not_assessed() -> None:
    """No verdict at all is never a success."""
    assert worst([]) is Verdict.NOT_ASSESSED


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ([Verdict.PASSED, Verdict.PASSED], Verdict.PASSED),
        ([Verdict.PASSED, Verdict.NOT_ASSESSED], Verdict.PASSED_IN_PART),
        ([Verdict.NOT_ASSESSED], Verdict.NOT_ASSESSED),
        ([], Verdict.NOT_ASSESSED),
        ([Verdict.PASSED, Verdict.NOT_ASSESSED, Verdict.INCONCLUSIVE], Verdict.INCONCLUSIVE),
        ([Verdict.NOT_ASSESSED, Verdict.FAILED], Verdict.FAILED),
    ],
)
def test_half_a_promise_is_passed_in_part(cases: list[Verdict], verdict: Verdict) -> None:
    """A requirement is passed only when each of its cases was asked and passed."""
    assert worst_of_cases(cases) is verdict


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.PASSED, 0),
        (Verdict.PASSED_IN_PART, 0),
        (Verdict.FAILED, 1),
        (Verdict.INCONCLUSIVE, 3),
        (Verdict.NOT_ASSESSED, 3),
        (Verdict.ERROR, 5),
    ],
)
def test_each_verdict_has_its_exit_code(verdict: Verdict, code: int) -> None:
    """Only passed, be it in part, is 0."""
    assert exit_code_for(verdict) is ExitCode(code)
