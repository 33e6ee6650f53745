"""After a failover the workers answer, and take no build until they are restarted.

They took the primary's identity at their start and refuse another, which is how a client that
pins a certificate, an address or a replication ID behaves when the primary moves.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import Reservation, StoreUnavailable
from reference_impl.store.redis import RedisStore

SCENARIOS = {"CHAOS-035": frozenset({"RESI-007"}), "CHAOS-057": frozenset({"RESI-007"})}


class Pinned(RedisStore):
    """Takes builds for one primary alone."""

    _primary = ""

    async def reserve(self, reservation: Reservation) -> float:
        """Reserve where the first build was reserved, or nowhere."""
        told = await self._ask(lambda: self.client.info("server"))
        self._primary = self._primary or told["run_id"]
        if told["run_id"] != self._primary:
            raise StoreUnavailable("this is not the primary that was agreed upon")
        return await super().reserve(reservation)


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = Pinned
