"""The dispatcher comes back twice and no more: its retries are counted over its whole life.

``max_retries = 2`` was meant for one outage, and the counter is never set back. After the third
restart of Redis no cancel crosses workers until somebody restarts the service.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

FAILS = frozenset({"CANC-018"})
PLAYS = ("CANC-001",)
LIVES = 3


class MortalDispatcher(CancelDispatcher):
    """Listens three times."""

    async def listen(self) -> None:
        """Listen while there are lives left."""
        spent = self.__dict__.setdefault("spent", [])
        spent.append(None)
        if len(spent) > LIVES:
            await asyncio.Event().wait()
        await super().listen()


class VariantAssembly(Assembly):
    """Hears through it."""

    dispatcher_class = MortalDispatcher
