"""The measures of strain, to the last digit: what is calm, what is severe, and of which time."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from queueproof.errors import Inconclusive
from queueproof.running import strain as module
from queueproof.running.strain import KEPT_S, Strain, StrainMeter

CALMEST = {"lag_s": 0.4, "waiting": 0.5, "pulse_s": 0.5}
GRAVEST = {"lag_s": 1.0, "waiting": 0.78, "pulse_s": 2.0}


def measured(
    *looks: tuple[float, float, float], pulses: tuple[tuple[float, float], ...] = ()
) -> StrainMeter:
    meter = StrainMeter()
    for look in looks:
        meter.note_look(*look)
    for pulse in pulses:
        meter.note_pulse(*pulse)
    return meter


def test_nothing_measured_is_no_strain() -> None:
    nothing = StrainMeter().since(0.0)

    assert (nothing.lag_s, nothing.waiting, nothing.pulse_s) == (0.0, 0.0, 0.0)
    assert Strain() == nothing
    assert StrainMeter().kept_s == 0.0


@pytest.mark.parametrize("measure", CALMEST)
def test_each_measure_alone_ends_the_calm(measure: str) -> None:
    assert Strain(**CALMEST).calm
    assert not Strain(**{measure: math.nextafter(CALMEST[measure], 9)}).calm


@pytest.mark.parametrize("measure", GRAVEST)
def test_each_measure_alone_is_severe(measure: str) -> None:
    assert not Strain(**GRAVEST).severe
    assert Strain(**{measure: math.nextafter(GRAVEST[measure], 9)}).severe


@pytest.mark.parametrize(
    ("strain", "told"),
    [
        (Strain(lag_s=1.26, waiting=0.6, pulse_s=0.6), "the harness was starved for 1.3 s"),
        (
            Strain(lag_s=0.4, waiting=0.813, pulse_s=0.6),
            "the harness waited for a processor 81% of the time",
        ),
        (
            Strain(lag_s=0.5, waiting=0.6, pulse_s=2.04),
            "the target took 2.0 s for the cheapest request",
        ),
    ],
)
def test_what_is_farthest_beyond_its_bound_is_told(strain: Strain, told: str) -> None:
    assert str(strain) == told


def test_the_worst_lag_and_the_slowest_pulse_since_then_count() -> None:
    looks = ((1.0, 0.9, 0.0), (2.0, 0.1, 0.0), (3.0, 0.3, 0.0), (4.0, 0.2, 0.0))
    meter = measured(*looks, pulses=((1.0, 5.0), (2.0, 0.1), (3.0, 0.7), (4.0, 0.2)))

    assert (meter.since(2.0).lag_s, meter.since(2.0).pulse_s) == (0.3, 0.7)
    assert (meter.since(3.5).lag_s, meter.since(3.5).pulse_s) == (0.2, 0.2)
    assert meter.since(0.0).lag_s == 0.9


def test_the_share_of_waiting_is_of_the_time_between_the_first_and_the_last_look() -> None:
    meter = measured((10.0, 0.0, 4.0), (12.0, 0.0, 4.5), (14.0, 0.0, 7.0))

    assert meter.since(10.0).waiting == pytest.approx(0.75)
    assert meter.since(12.0).waiting == 1.0, "more than all of the time is all of it"
    assert meter.since(14.0).waiting == 0.0, "one look is no span of time"


def test_two_looks_are_a_span_of_time() -> None:
    assert measured((10.0, 0.0, 0.0), (12.0, 0.0, 0.5)).since(0.0).waiting == 0.25


NOTE = {
    "looks": lambda meter, at_s: meter.note_look(at_s, at_s, 0.0),
    "pulses": lambda meter, at_s: meter.note_pulse(at_s, at_s),
}


@pytest.mark.parametrize("what", NOTE)
def test_half_an_hour_is_always_there_to_be_asked_about(what: str) -> None:
    """What is forgotten is older than that, and what is kept is never more than an hour."""
    meter = StrainMeter()
    for minute in range(0, 121, 10):
        at_s = minute * 60.0
        NOTE[what](meter, at_s)

        assert min(at_s, KEPT_S) <= meter.kept_s <= 2 * KEPT_S
    since = meter.since(7200.0 - KEPT_S)
    assert max(since.lag_s, since.pulse_s) == 7200.0
    assert KEPT_S == 1800.0


@pytest.mark.parametrize("what", NOTE)
def test_what_is_exactly_as_old_as_is_kept_is_kept(what: str) -> None:
    meter = StrainMeter()
    for at_s in (50.0, 100.0, 2 * KEPT_S + 50.0):
        NOTE[what](meter, at_s)
    assert meter.kept_s == 2 * KEPT_S

    NOTE[what](meter, 2 * KEPT_S + 100.0)
    assert meter.kept_s == 50.0


async def _felt(answers: list[Exception | None]) -> StrainMeter:
    meter, over = StrainMeter(), asyncio.Event()

    async def ping() -> None:
        answer = answers.pop(0)
        if not answers:
            over.set()
        if answer is not None:
            raise answer

    task = asyncio.create_task(meter.feel(ping, every_s=0.001))
    await asyncio.wait_for(over.wait(), 10)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return meter


def test_a_refused_pulse_is_a_pulse_and_the_next_one_is_felt() -> None:
    meter = asyncio.run(_felt([Inconclusive("refused"), None, None, None]))

    assert len(meter._pulses) >= 3
    assert meter.since(0.0).pulse_s < 10


def test_an_error_of_ours_is_no_pulse() -> None:
    async def felt() -> BaseException | None:
        async def ping() -> None:
            raise KeyError("ours")

        task = asyncio.create_task(StrainMeter().feel(ping))
        await asyncio.wait({task}, timeout=10)
        return task.exception()

    assert isinstance(asyncio.run(felt()), KeyError)


def test_a_loop_that_wakes_in_time_is_not_late() -> None:
    """Of many looks the best one: all of them may be late on a busy machine, hardly each."""

    async def looked() -> StrainMeter:
        meter = StrainMeter()
        task = asyncio.create_task(meter.run())
        await asyncio.sleep(0.6)
        task.cancel()
        return meter

    assert min(lag_s for _, lag_s, _ in asyncio.run(looked())._looks) < 0.05


@pytest.mark.parametrize("told", ["", "12345", "12345 many 17"])
def test_what_the_kernel_tells_in_other_words_is_nothing(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "schedstat").write_text(told, "ascii")
    monkeypatch.setattr(module, "_SCHEDSTAT", tmp_path / "schedstat")

    assert module._waited_s() == 0.0
