"""After one lost connection a worker hears no cancel any more, and says nothing of it.

rq #1836: the worker reconnects and goes on taking jobs, but its subscription to commands is not
made again. Celery #8030 and a dozen others tell the same of taking jobs.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.store.redis_pubsub import SubscriptionLost

FAILS = frozenset({"CANC-018"})
PLAYS = ("CANC-003", "CANC-019", "MONI-009")


class OneLife(CancelDispatcher):
    """Subscribes once."""

    async def run(self) -> None:
        """Listen until the connection is lost; there is no after."""
        try:
            await self.listen()
        except SubscriptionLost:
            await asyncio.Event().wait()


class AtTheStart(MarkerPatrol):
    """Looks for a marker as a job starts, which is when the document's race happens."""

    async def check_all(self) -> None:
        """Later there is the channel."""


class VariantAssembly(Assembly):
    """Deaf after the first cut."""

    dispatcher_class = OneLife
    patrol_class = AtTheStart
