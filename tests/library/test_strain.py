"""Neither a starved harness nor a swamped target is guilty."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from queueproof.errors import Violation
from queueproof.history import History
from queueproof.reporting.model import CaseResult
from queueproof.requirements import Access
from queueproof.running import strain as module
from queueproof.running.marks import CaseMark
from queueproof.running.outcome import result_of
from queueproof.running.strain import Strain, StrainMeter
from queueproof.targets.asking import Persistence, declare_pace
from queueproof.verdicts import Verdict

from .stub_target import URL


def outcome(error: Exception | None, strain: Strain) -> CaseResult:
    mark = CaseMark(requirement="POLL-003", access=Access.HTTP)
    return result_of(
        case_id="case",
        title="title",
        mark=mark,
        error=error,
        duration_s=1.0,
        strain=strain,
        history=History(),
        reproduce="queueproof gate",
    )


CALM = Strain(lag_s=0.2, waiting=0.7)
VIOLATION = Violation(expected="this", actual="that")


def test_a_violation_seen_in_calm_is_a_failure() -> None:
    assert outcome(VIOLATION, CALM).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    "strain",
    [replace(CALM, lag_s=1.5), replace(CALM, waiting=0.9), replace(CALM, pulse_s=3.0)],
)
def test_a_violation_seen_under_strain_is_inconclusive(strain: Strain) -> None:
    result = outcome(VIOLATION, strain)

    assert result.verdict is Verdict.INCONCLUSIVE
    assert str(strain) in result.reason
    assert "that" in result.reason


def test_a_starved_harness_can_still_see_a_pass() -> None:
    assert outcome(None, replace(CALM, waiting=0.9)).verdict is Verdict.PASSED


async def _blocked_for(block_s: float) -> tuple[Strain, Strain]:
    meter = StrainMeter()
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


async def _slow_pulse() -> tuple[Strain, Strain]:
    meter, answers = StrainMeter(), asyncio.Event()
    task = asyncio.create_task(meter.feel(answers.wait))
    began = time.monotonic()
    await asyncio.sleep(0.1)
    unanswered = meter.since(began)
    answers.set()
    await asyncio.sleep(0.02)
    over = time.monotonic()
    task.cancel()
    return unanswered, meter.since(over)


def test_a_pulse_counts_before_it_is_answered() -> None:
    unanswered, after = asyncio.run(_slow_pulse())

    assert unanswered.pulse_s >= 0.09
    assert after.pulse_s == 0.0


async def _awaiting_its_turn() -> Strain:
    meter, over = StrainMeter(), asyncio.Event()
    declare_pace(URL, 5.0)

    async def ping() -> None:
        for _ in range(3):
            await Persistence(URL, repeatable=True).turn()
        over.set()

    task = asyncio.create_task(meter.feel(ping))
    began = time.monotonic()
    await over.wait()
    await asyncio.sleep(0.02)
    declare_pace(URL, None)
    task.cancel()
    return meter.since(began)


def test_a_wait_for_its_turn_is_no_part_of_the_pulse() -> None:
    assert asyncio.run(_awaiting_its_turn()).pulse_s < 0.2


async def _given_up() -> Strain:
    meter = StrainMeter()
    task = asyncio.create_task(meter.feel(asyncio.Event().wait))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait({task})
    over = time.monotonic()
    await asyncio.sleep(0.05)
    return meter.since(over)


def test_a_pulse_that_is_felt_no_longer_counts_no_longer() -> None:
    assert asyncio.run(_given_up()).pulse_s == 0.0


async def _one_of_two() -> Strain:
    meter, never = StrainMeter(), asyncio.Event()

    async def answered_at_once() -> None:
        return

    tasks = [asyncio.create_task(meter.feel(ping)) for ping in (answered_at_once, never.wait)]
    began = time.monotonic()
    await asyncio.sleep(0.1)
    strain = meter.since(began)
    for task in tasks:
        task.cancel()
    return strain


def test_one_swamped_worker_is_felt_though_another_answers() -> None:
    assert asyncio.run(_one_of_two()).pulse_s >= 0.09


def test_the_share_of_waiting_is_what_the_kernel_told_over_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of the time spent waiting for a processor is a half, whatever the lag."""
    began = time.monotonic()
    monkeypatch.setattr(module, "_waited_s", lambda: (time.monotonic() - began) / 2)

    async def measured() -> Strain:
        meter = StrainMeter()
        task = asyncio.create_task(meter.run())
        await asyncio.sleep(0.4)
        task.cancel()
        return meter.since(began)

    assert asyncio.run(measured()).waiting == pytest.approx(0.5, abs=0.02)


def test_what_the_kernel_tells_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second figure of schedstat, in nanoseconds; unknown is none."""
    schedstat = tmp_path / "schedstat"
    schedstat.write_text("12345 2500000000 17\n", "ascii")
    monkeypatch.setattr(module, "_SCHEDSTAT", schedstat)
    assert module._waited_s() == 2.5

    monkeypatch.setattr(module, "_SCHEDSTAT", tmp_path / "none")
    assert module._waited_s() == 0.0


def test_a_meter_forgets_what_nobody_can_ask_about_any_more() -> None:
    """A run of five hours keeps its last half hour."""
    meter = StrainMeter()
    for second in range(20_000):
        meter.note_look(float(second), 0.0, 0.0)
        meter.note_pulse(float(second), 0.1)

    assert meter.kept_s <= 2 * module.KEPT_S
