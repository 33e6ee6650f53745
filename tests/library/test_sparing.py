"""Cancels that keep away from their jobs' starts where somebody else uses the target."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.config.model import TargetConfig, Timings
from queueproof.history import History
from queueproof.own_waits import told_of_waits
from queueproof.probe import Probe
from queueproof.targets import sparing
from queueproof.targets.fleet import Fleet
from queueproof.targets.protocol import Adapter
from queueproof.targets.sparing import SparedStarts
from queueproof.targets.system import System
from queueproof.targets.witness import Witness

SETTLE_S = 0.2
WITNESSED = Probe(witnessed=True)


class Clock:
    """A history's clock that goes on as it is waited for."""

    def __init__(self) -> None:
        self.at_s = 10.0

    def now_s(self) -> float:
        return self.at_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    async def sleep(wait_s: float) -> None:
        clock.at_s += wait_s

    monkeypatch.setattr(sparing, "asyncio", SimpleNamespace(sleep=sleep))
    return clock


def job_of(clock: Clock, probe: Probe = WITNESSED, *, begins_s: float | None = None) -> Any:
    class Job:
        id = "j"
        submitted_s = 10.0
        system = SimpleNamespace(history=clock)

        def __init__(self) -> None:
            self.probe = probe

        @property
        def sightings(self) -> list[Any]:
            begun = begins_s is not None and clock.at_s >= begins_s
            return [SimpleNamespace(at_s=begins_s)] if begun else []

    return Job()


@pytest.mark.parametrize(
    ("probe", "begins_s", "due_s"),
    [
        (WITNESSED, 9.0, 10.0),
        (WITNESSED, 10.0, 10.0 + SETTLE_S),
        (WITNESSED, 11.0, 11.0 + SETTLE_S),
        (WITNESSED, None, 12.0),
        (Probe(), None, 12.0),
        (Probe(witnessed=True, slow_start_s=3.0), None, 11.5),
        (Probe(witnessed=True, slow_start_s=3.0), 10.5, 10.5 + SETTLE_S),
    ],
    ids=[
        "long at work",
        "just begun",
        "begins late",
        "never seen",
        "tells nobody",
        "in a slow start",
        "quicker than that",
    ],
)
def test_a_job_is_cancelled_once_it_is_at_work(
    clock: Clock, probe: Probe, begins_s: float | None, due_s: float
) -> None:
    waits: list[float] = []
    with told_of_waits(waits.append):
        asyncio.run(SparedStarts(SETTLE_S).settled(job_of(clock, probe, begins_s=begins_s)))

    assert clock.at_s == pytest.approx(due_s, abs=0.051)
    assert sum(waits) == pytest.approx(clock.at_s - 10.0), "deadlines hear of every wait"


def test_a_stream_is_not_closed_behind_a_cancel_before_that_has_settled(clock: Clock) -> None:
    spared, job = SparedStarts(SETTLE_S), job_of(clock)

    asyncio.run(spared.unhurried(job))
    assert clock.at_s == 10.0, "nothing was cancelled"
    spared.answered(job)
    asyncio.run(spared.unhurried(job))
    assert clock.at_s == pytest.approx(10.0 + SETTLE_S)


def test_a_second_cancel_waits_until_the_first_has_settled(clock: Clock) -> None:
    spared, job = SparedStarts(SETTLE_S), job_of(clock, begins_s=9.0)
    spared.answered(job)

    asyncio.run(spared.settled(job))
    assert clock.at_s == pytest.approx(10.0 + SETTLE_S)
    asyncio.run(spared.settled(job_of(clock, begins_s=9.0)))
    assert clock.at_s == pytest.approx(10.0 + SETTLE_S), "nothing more is waited for"


def test_a_watch_of_days_keeps_nothing_of_what_has_settled(clock: Clock) -> None:
    spared = SparedStarts(SETTLE_S)
    for number in range(100):
        job = job_of(clock)
        job.id = f"j{number}"
        spared.answered(job)
        clock.at_s += SETTLE_S

    assert len(spared._answered_s) <= 2


@pytest.mark.parametrize(
    ("contract", "disposable", "spares"),
    [("langflow", False, True), ("langflow", True, False), ("flowise", False, False)],
)
def test_who_is_spared(contract: str, disposable: bool, spares: bool) -> None:
    history = History()
    system = System(
        adapter=cast("Adapter", None),
        fleet=cast("Fleet", None),
        timings=Timings(),
        history=history,
        witness=Witness(history),
    )

    system.declare(TargetConfig(contract=contract, disposable=disposable))

    assert (system.spared is not None) is spares
