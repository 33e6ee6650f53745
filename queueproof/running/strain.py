"""What the run and its target suffered: neither a starved harness nor a swamped target is guilty.

Three measures. The loop's lag: how late it woke at worst. Where the kernel tells (Linux), the
share of the time in which the loop's thread was ready to run and had to wait: on a machine that
is shared out too thinly nothing need be late by much for everything to be slow, the target too.
(A gate alone on two cores waits for up to 0.75 of a second's time, two side by side for 0.85.)
And the target's pulse: how long the cheapest request took at worst on any of its workers, under
the load that the cases put on it together.

Two bounds for each. What a run sees that was not calm, it had better see again; under severe strain
even what it saw twice may be nobody's fault.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from queueproof.errors import QueueproofError
from queueproof.own_waits import told_of_waits

_LOOK_S = 0.05
_PULSE_EVERY_S = 0.5
_SEVERE_LAG_S = 1.0
_SEVERE_WAITING = 0.78
_SEVERE_PULSE_S = 2.0
_CALM_LAG_S = 0.4
_CALM_WAITING = 0.5
_CALM_PULSE_S = 0.5
#: Nothing is judged that began longer ago; twice as much is kept at most.
KEPT_S = 1800.0
_SCHEDSTAT = Path("/proc/self/schedstat")


@dataclass(frozen=True)
class Strain:
    """The loop's worst lag, its share of time in waiting, and the target's slowest pulse."""

    lag_s: float = 0.0
    waiting: float = 0.0
    pulse_s: float = 0.0

    @property
    def calm(self) -> bool:
        """Whether what was seen meanwhile is believed at once."""
        return (
            self.lag_s <= _CALM_LAG_S
            and self.waiting <= _CALM_WAITING
            and self.pulse_s <= _CALM_PULSE_S
        )

    @property
    def severe(self) -> bool:
        """Whether what was seen meanwhile may be nobody's fault."""
        return (
            self.lag_s > _SEVERE_LAG_S
            or self.waiting > _SEVERE_WAITING
            or self.pulse_s > _SEVERE_PULSE_S
        )

    def __str__(self) -> str:
        # What is farthest beyond its bound is told.
        beyond = {
            f"the harness was starved for {self.lag_s:.1f} s": self.lag_s / _CALM_LAG_S,
            f"the harness waited for a processor {self.waiting:.0%} of the time": (
                self.waiting / _CALM_WAITING
            ),
            f"the target took {self.pulse_s:.1f} s for the cheapest request": (
                self.pulse_s / _CALM_PULSE_S
            ),
        }
        return max(beyond, key=lambda told: beyond[told])


class StrainMeter:
    """Measures while the run goes on."""

    def __init__(self) -> None:
        self._looks: list[tuple[float, float, float]] = []
        self._pulses: list[tuple[float, float]] = []
        self._unanswered: dict[object, float] = {}

    async def run(self) -> None:
        """Measure the run itself until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_LOOK_S)
            now = time.monotonic()
            self.note_look(now, now - before - _LOOK_S, _waited_s())

    def note_look(self, at_s: float, lag_s: float, waited_s: float) -> None:
        """The loop woke then, so late; so long its thread has waited in its life."""
        self._looks.append((at_s, lag_s, waited_s))
        if at_s - self._looks[0][0] > 2 * KEPT_S:
            del self._looks[: bisect_left(self._looks, (at_s - KEPT_S,))]

    def note_pulse(self, at_s: float, took_s: float) -> None:
        """The cheapest request was answered then, after so long."""
        self._pulses.append((at_s, took_s))
        if at_s - self._pulses[0][0] > 2 * KEPT_S:
            del self._pulses[: bisect_left(self._pulses, (at_s - KEPT_S,))]

    @property
    def kept_s(self) -> float:
        """Of how long a time anything is kept."""
        spans = [(kept[0][0], kept[-1][0]) for kept in (self._looks, self._pulses) if kept]
        return max((last_s - first_s for first_s, last_s in spans), default=0.0)

    async def feel(
        self, ping: Callable[[], Awaitable[object]], *, every_s: float = _PULSE_EVERY_S
    ) -> None:
        """Measure one worker until cancelled; `ping` is its cheapest request.

        What the request waits for its turn, where requests are spaced, is not the target's time.
        """
        feeler = object()

        def put_off(wait_s: float) -> None:
            self._unanswered[feeler] += wait_s

        try:
            while True:
                self._unanswered[feeler] = time.monotonic()
                with suppress(QueueproofError), told_of_waits(put_off):
                    await ping()
                now = time.monotonic()
                self.note_pulse(now, now - self._unanswered.pop(feeler))
                await asyncio.sleep(every_s)
        finally:
            # A request that was given up says nothing of what comes after.
            self._unanswered.pop(feeler, None)

    def since(self, began: float) -> Strain:
        """What it came to since `began`, an instant of the monotonic clock."""
        looks = self._looks[bisect_left(self._looks, (began,)) :]
        return Strain(
            lag_s=max((lag_s for _, lag_s, _ in looks), default=0.0),
            waiting=_share(looks),
            pulse_s=max(self._pulses_since(began), default=0.0),
        )

    def _pulses_since(self, began: float) -> list[float]:
        pulses = [took_s for _, took_s in self._pulses[bisect_left(self._pulses, (began,)) :]]
        now = time.monotonic()
        return pulses + [max(0.0, now - asked_at) for asked_at in self._unanswered.values()]


def _share(looks: list[tuple[float, float, float]]) -> float:
    if len(looks) < 2:
        return 0.0
    (first_at, _, first_s), (last_at, _, last_s) = looks[0], looks[-1]
    return min((last_s - first_s) / (last_at - first_at), 1.0)


def _waited_s() -> float:
    """For how long the main thread has waited for a processor in its life; 0 where unknown."""
    with suppress(OSError, ValueError, IndexError):
        return int(_SCHEDSTAT.read_text("ascii").split()[1]) / 1e9
    return 0.0
