"""A worker hears cancels until it has run fifty jobs, and then no more: each has left a handler.

The table of handlers has so many places, and what is over is never taken out of it. Whoever tries a
deployment out is done long before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.store.base import Record
from reference_impl.store.messages import CancelMessage

FAILS = frozenset({"SUBM-005"})
PLAYS = ("CANC-003", "SUBM-002")
PLACES = 50


class CountingDesk(BuildDesk):
    """Counts what it has begun."""

    begun = 0

    def begin(self, job: Job, graph: Mapping[str, Any]) -> None:
        """One more."""
        self.begun += 1
        super().begin(job, graph)


class FullDispatcher(CancelDispatcher):
    """Has a place for each of fifty."""

    def dispatch(self, message: CancelMessage) -> None:
        """Find nobody to call once they are taken."""
        begun: int = self.desk.begun  # type: ignore[attr-defined]
        if begun <= PLACES:
            super().dispatch(message)


class AtTheStart(MarkerPatrol):
    """Looks for a marker as a job starts."""

    async def check_all(self) -> None:
        """Later there is the channel."""


class Hasty(Canceller):
    """Answers when the signal is out."""

    async def outcome(self, record: Record) -> JobState:
        """It will be cancelled."""
        return JobState.CANCELLED


class VariantAssembly(Assembly):
    """Hears so."""

    desk_class = CountingDesk
    dispatcher_class = FullDispatcher
    patrol_class = AtTheStart
    canceller_class = Hasty
