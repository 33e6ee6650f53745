"""The phases of a running scenario, as its clients wait for them."""

from __future__ import annotations

import asyncio
import time

from queueproof.checkers.outage_history import AFTER, PHASES, RECOVERY
from queueproof.history import History


class Phases:
    """When each phase began; clients wait for a phase and for an offset into it."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._began = {phase: asyncio.Event() for phase in PHASES}
        self._at: dict[str, float] = {}
        self._announced_s: dict[str, float] = {}
        self.phase = ""

    def begin(self, phase: str) -> None:
        """A phase begins now, for its clients too."""
        self.announce(phase)
        self.admit(phase)

    def announce(self, phase: str) -> None:
        """A phase begins now; its clients begin when they are let in."""
        self.phase = phase
        self._announced_s[phase] = self._history.now_s()
        self._history.note("phase", phase)

    def admit(self, phase: str) -> None:
        """From now on the phase's clients count their offsets."""
        self._at[phase] = time.monotonic()
        self._began[phase].set()

    def has_begun(self, phase: str) -> bool:
        """Whether a phase has begun."""
        return self._began[phase].is_set()

    def began_s(self, phase: str) -> float:
        """When a phase that has begun was announced, on the history's clock."""
        return self._announced_s[phase]

    async def reach(self, phase: str, offset_s: float = 0.0) -> None:
        """Wait until `offset_s` seconds into a phase."""
        await self._began[phase].wait()
        await asyncio.sleep(max(0.0, self._at[phase] + offset_s - time.monotonic()))

    def left_s(self, since_s: float, *, bound_s: float) -> float:
        """Seconds left of a bound that counts from `since_s`, or from the heal if that is later.

        Before the heal nothing can be due, so the bound then counts from now.
        """
        healed_s = self._at.get(RECOVERY, time.monotonic())
        return max(since_s, healed_s) + bound_s - time.monotonic()

    @property
    def quiet(self) -> bool:
        """Whether the outage is over and service was whole."""
        return self.has_begun(AFTER)
