"""A health check that failed once fails for ever, on a worker that has long recovered.

A sticky "unhealthy" that only a restart clears: the orchestrator restarts every worker of the
fleet, one outage later, with all the builds on them.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import StoreUnavailable
from reference_impl.store.redis import RedisStore

SCENARIOS = {"CHAOS-033": frozenset({"RESI-010"})}


class Resentful(RedisStore):
    """Remembers that it was refused."""

    _refused = False

    async def ping(self) -> None:
        """Answer if Redis has never refused to."""
        if self._refused:
            raise StoreUnavailable("it was away once")
        try:
            await super().ping()
        except StoreUnavailable:
            self._refused = True
            raise


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = Resentful
