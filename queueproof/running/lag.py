"""How late the run's own loop was: a harness that is starved of its processor accuses nobody."""

from __future__ import annotations

import asyncio
import time

_LOOK_S = 0.05


class LagMeter:
    """How late the loop itself was: the harness's own innocence."""

    def __init__(self) -> None:
        self._lags: list[tuple[float, float]] = []

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_LOOK_S)
            now = time.monotonic()
            late_s = now - before - _LOOK_S
            if late_s > _LOOK_S:
                self._lags.append((now, late_s))

    def worst_since(self, began: float) -> float:
        """The longest time the loop was late since `began`, in seconds."""
        return max((late_s for at, late_s in self._lags if at >= began), default=0.0)
