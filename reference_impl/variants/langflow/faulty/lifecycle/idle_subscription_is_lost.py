"""A subscription on which nothing was heard for twenty seconds is closed, and not made again.

rq 2.3.1 lost its subscription to commands in that way: a stop was answered, and the job went on.
"""

from __future__ import annotations

import time
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.langflow.patrol import MarkerPatrol

FAILS = frozenset({"LIFE-012"})
PLAYS = ("LIFE-001..012",)
IDLE_S = 20.0


class IdleDispatcher(CancelDispatcher):
    """Listens as long as there is something to hear."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._last_s = time.monotonic()

    def handle(self, text: str) -> None:
        """Carry out a signal, unless the last one is long ago."""
        if time.monotonic() - self._last_s < IDLE_S:
            self._last_s = time.monotonic()
            super().handle(text)


class AtTheStart(MarkerPatrol):
    """Looks for a marker as a job starts."""

    async def check_all(self) -> None:
        """Later there is the channel."""


class VariantAssembly(Assembly):
    """Hears by it."""

    dispatcher_class = IdleDispatcher
    patrol_class = AtTheStart
