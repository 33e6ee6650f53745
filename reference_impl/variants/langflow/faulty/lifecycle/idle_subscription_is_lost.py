"""A worker without a build for twenty seconds loses its subscription, and makes it again too late.

rq 2.3.1 lost its subscription to commands in that way: a stop was answered, and the job went on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.patrol import MarkerPatrol

FAILS = frozenset({"LIFE-012"})
PLAYS = ("LIFE-001..012",)
IDLE_S, DEAF_S = 20.0, 10.0


class WatchedDesk(BuildDesk):
    """Knows when it began to work after an idle spell."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._last_s = time.monotonic()
        self.woken_s = float("-inf")

    def begin(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Start the component."""
        last_s, self._last_s = self._last_s, time.monotonic()
        if self._last_s - last_s > IDLE_S:
            self.woken_s = self._last_s
        super().begin(job, graph)


class IdleDispatcher(CancelDispatcher):
    """Hears nothing for a while after an idle spell."""

    def handle(self, text: str) -> None:
        """Carry out a signal, if it is heard."""
        assert isinstance(self.desk, WatchedDesk)
        if time.monotonic() - self.desk.woken_s > DEAF_S:
            super().handle(text)


class AtTheStart(MarkerPatrol):
    """Looks for a marker as a job starts."""

    async def check_all(self) -> None:
        """Later there is the channel."""


class VariantAssembly(Assembly):
    """Hears by it."""

    desk_class = WatchedDesk
    dispatcher_class = IdleDispatcher
    patrol_class = AtTheStart
