"""A lost Redis connection is counted as an internal error of the dispatcher.

One ``except Exception`` around everything. Every restart of Redis shows up as a bug in the
program, and the bugs hide among the restarts.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.redis_pubsub import SubscriptionLost

FAILS = frozenset({"MONI-016"})
PLAYS = ("MONI-003", "MONI-015", "CANC-018")


class CatchAll(CancelDispatcher):
    """Knows errors, not their kinds."""

    async def listen(self) -> None:
        """Listen; whatever ends that is our own fault."""
        try:
            await super().listen()
        except SubscriptionLost:
            self.stats.dispatcher_internal_errors += 1
            raise


class VariantAssembly(Assembly):
    """Blames itself for Redis."""

    dispatcher_class = CatchAll
