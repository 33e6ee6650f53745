"""A harness that got too little of the processor accuses nobody."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from queueproof.errors import Violation
from queueproof.history import History
from queueproof.reporting.model import CaseResult
from queueproof.requirements import Access
from queueproof.running.lag import LagMeter, Starvation
from queueproof.running.marks import CaseMark
from queueproof.running.outcome import result_of
from queueproof.verdicts import Verdict


def outcome(error: Exception | None, starvation: Starvation) -> CaseResult:
    mark = CaseMark(requirement="POLL-003", access=Access.HTTP)
    return result_of(
        case_id="case",
        title="title",
        mark=mark,
        error=error,
        duration_s=1.0,
        starvation=starvation,
        history=History(),
        reproduce="queueproof gate",
    )


CALM = Starvation(lag_s=0.2, waiting=0.7)
VIOLATION = Violation(expected="this", actual="that")


def test_a_violation_seen_in_calm_is_a_failure() -> None:
    assert outcome(VIOLATION, CALM).verdict is Verdict.FAILED


@pytest.mark.parametrize("starved", [replace(CALM, lag_s=1.5), replace(CALM, waiting=0.9)])
def test_a_violation_seen_by_a_starved_harness_is_inconclusive(starved: Starvation) -> None:
    result = outcome(VIOLATION, starved)

    assert result.verdict is Verdict.INCONCLUSIVE
    assert str(starved) in result.reason
    assert "that" in result.reason


def test_a_starved_harness_can_still_see_a_pass() -> None:
    assert outcome(None, replace(CALM, waiting=0.9)).verdict is Verdict.PASSED


async def _blocked_for(block_s: float) -> tuple[Starvation, Starvation]:
    meter = LagMeter()
    task = asyncio.create_task(meter.run())
    await asyncio.sleep(0.15)
    began = time.monotonic()
    until = began + block_s
    while time.monotonic() < until:
        pass
    await asyncio.sleep(0.15)
    over = time.monotonic()
    await asyncio.sleep(0.15)
    task.cancel()
    return meter.since(began), meter.since(over)


def test_the_meter_sees_a_blocked_loop_and_forgives_what_came_before() -> None:
    during, after = asyncio.run(_blocked_for(0.6))

    assert during.lag_s > 0.4
    assert after.lag_s < during.lag_s
    assert 0 <= during.waiting <= 1
