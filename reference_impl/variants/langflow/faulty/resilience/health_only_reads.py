"""The health check asks Redis with PING, which a server that takes no write answers, too.

A demoted primary or a full disk: every submit is refused, and the check is green throughout.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis import RedisStore

SCENARIOS = {"CHAOS-033": frozenset({"RESI-010"})}


class Pinging(RedisStore):
    """Well, as long as Redis says something."""

    async def ping(self) -> None:
        """Answer if Redis does."""
        await self._ask(self.client.ping)


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = Pinging
