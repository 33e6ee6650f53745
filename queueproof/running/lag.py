"""How little of the processor the run itself got: a starved harness accuses nobody.

Two measures. The loop's lag: how late it woke at worst. And, where the kernel tells (Linux), the
share of the time in which the loop's thread was ready to run and had to wait: on a machine that
is shared out too thinly nothing need be late by much for everything to be slow, the target too.
A gate alone on two cores waits for up to 0.75 of a second's time, two side by side for 0.85.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_S = 0.05
_SEVERE_LAG_S = 1.0
_SEVERE_WAITING = 0.78
_SCHEDSTAT = Path("/proc/self/schedstat")


@dataclass(frozen=True)
class Starvation:
    """What the run suffered meanwhile: its loop's worst lag, and its share of time in waiting."""

    lag_s: float = 0.0
    waiting: float = 0.0

    @property
    def severe(self) -> bool:
        """Whether what was seen meanwhile may be nobody's fault."""
        return self.lag_s > _SEVERE_LAG_S or self.waiting > _SEVERE_WAITING

    def __str__(self) -> str:
        if self.lag_s > _SEVERE_LAG_S:
            return f"the harness was starved for {self.lag_s:.1f} s"
        return f"the harness waited for a processor {self.waiting:.0%} of the time"


class LagMeter:
    """Measures the run's own starvation while it runs."""

    def __init__(self) -> None:
        self._looks: list[tuple[float, float, float]] = []

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_LOOK_S)
            now = time.monotonic()
            self._looks.append((now, now - before - _LOOK_S, _waited_s()))

    def since(self, began: float) -> Starvation:
        """What it came to since `began`, an instant of the monotonic clock."""
        looks = self._looks[bisect_left(self._looks, (began,)) :]
        if len(looks) < 2:
            return Starvation()
        (first_at, _, first_s), (last_at, _, last_s) = looks[0], looks[-1]
        waiting = (last_s - first_s) / (last_at - first_at)
        return Starvation(max(lag_s for _, lag_s, _ in looks), min(waiting, 1.0))


def _waited_s() -> float:
    """For how long the main thread has waited for a processor in its life; 0 where unknown."""
    with suppress(OSError, ValueError, IndexError):
        return int(_SCHEDSTAT.read_text("ascii").split()[1]) / 1e9
    return 0.0
