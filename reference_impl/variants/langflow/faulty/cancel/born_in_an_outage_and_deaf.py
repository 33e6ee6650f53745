"""A worker that is started while Redis takes no subscription never listens, and says nothing more.

Coming back after a loss is looked after; that the first subscription can fail was not thought of.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.redis_pubsub import SubscriptionLost

FAILS = frozenset({"CANC-018"})
PLAYS = ("LIFE-002",)


class Stillborn(CancelDispatcher):
    """Comes back where it has been."""

    async def listen(self) -> None:
        """Subscribe and dispatch; the first time must do."""
        try:
            await super().listen()
        except SubscriptionLost:
            if not self._was_connected:
                await asyncio.Event().wait()
            raise


class VariantAssembly(Assembly):
    """Listens with it."""

    dispatcher_class = Stillborn
