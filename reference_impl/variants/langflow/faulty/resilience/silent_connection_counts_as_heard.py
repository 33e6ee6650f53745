"""A subscription whose connection has gone silent counts as running for as long as it is open.

No PING, no TCP keep-alive: a frozen Redis, a firewall that dropped the flow, a half-open socket
all look like a quiet channel. The flag tells that nothing was closed, not that anything is heard.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis_pubsub import PING_EVERY_S, Subscription

SCENARIOS = {"CHAOS-022": frozenset({"RESI-009", "RESI-011"})}


class Trusting(Subscription):
    """Waits for messages, and for nothing else."""

    async def _next(self) -> list[Any]:
        while True:
            reply = await self._connection.read_response(timeout=PING_EVERY_S)
            if reply is not None:
                return list(reply)


class VariantAssembly(Assembly):
    """Listens to it."""

    subscription_class = Trusting
