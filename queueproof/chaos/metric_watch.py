"""Looking at a scenario's steady states from its beginning to its end.

Every look is noted in the history, which is all that the checker has. Looks accuse nobody: what the
monitoring does not tell is noted with the reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from queueproof.chaos.prometheus import NoValue, Prometheus
from queueproof.chaos.steady_state import SteadyState
from queueproof.checkers.steady_states import LOOK
from queueproof.history import History

_EVERY_S = 1.0


class MetricWatch:
    """The steady states of one scenario; without any, or without a Prometheus, it does nothing."""

    def __init__(
        self, prometheus: Prometheus | None, states: Sequence[SteadyState], history: History
    ) -> None:
        self._states = tuple(states) if prometheus is not None else ()
        self._prometheus = prometheus
        self._history = history
        #: What the last look at each found: whether it held, None where no value was told.
        self._last: dict[str, bool | None] = {}
        self._told: dict[str, str] = {}

    async def look(self) -> None:
        """One look at each."""
        await asyncio.gather(*(self._look_at(state) for state in self._states))

    async def follow(self) -> None:
        """Look again and again until cancelled."""
        while self._states:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def lacking(self, *, within_s: float) -> str:
        """Wait until no value is out of bounds; the first that still is when the time is up.

        What has no value is not waited for.
        """
        until = time.monotonic() + within_s + max((one.lag_s for one in self._states), default=0.0)
        while True:
            await self.look()
            out = [query for query, held in self._last.items() if held is False]
            if not out or time.monotonic() > until:
                return self._told[out[0]] if out else ""
            await asyncio.sleep(_EVERY_S)

    async def close(self) -> None:
        """Close its connections."""
        if self._prometheus is not None:
            await self._prometheus.close()

    async def _look_at(self, state: SteadyState) -> None:
        assert self._prometheus is not None
        facts: dict[str, Any] = {"wanted": state.wanted, "lag_s": state.lag_s}
        try:
            value = state.worst(await self._prometheus.values(state.query))
        except NoValue as trouble:
            self._last[state.query] = None
            facts["trouble"] = str(trouble)
        else:
            held = state.holds(value)
            self._last[state.query] = held
            self._told[state.query] = f"{state.query} is {value:g}, {state.wanted} is wanted"
            facts |= {"value": value, "held": held}
        self._history.note(LOOK, state.query, **facts)
