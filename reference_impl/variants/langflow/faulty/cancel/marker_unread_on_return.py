"""A cancel sent while the owner's subscription is away is answered with success and never read.

Langflow 1.13: one ``CLIENT KILL TYPE pubsub``, a cancel a fifth of a second later; success is
answered, the marker stays unread, the build continues. The marker is looked for as a job starts
and at no other time.
"""

from __future__ import annotations

from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-019"})
PLAYS = ("CANC-003", "CANC-004", "CANC-018")


class AtTheStart(MarkerPatrol):
    """Looks for a marker as a job starts."""

    async def check_all(self) -> None:
        """Later there is the channel."""

    async def check_missed(self) -> None:
        """What was missed was missed."""


class Hasty(Canceller):
    """Answers as Langflow does: when the signal is out."""

    async def outcome(self, record: Record) -> JobState:
        """It will be cancelled."""
        return JobState.CANCELLED


class VariantAssembly(Assembly):
    """Loses what is sent while it is away."""

    patrol_class = AtTheStart
    canceller_class = Hasty
