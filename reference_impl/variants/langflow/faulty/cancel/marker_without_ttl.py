"""Cancel markers never expire.

``SET`` with ``EX`` became ``SET`` and ``EXPIRE`` and then, in a refactoring, ``SET``. Redis fills
with markers; and where IDs come again, as with arq's abort list (python-arq/arq #485), a fresh
job is cancelled by yesterday's marker.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record, Sent
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"CANC-012", "SETT-010"})
PLAYS = ("CANC-002", "CANC-003", "CANC-004")


class Hoarding(RedisStore):
    """Keeps what it marks."""

    async def signal_cancel(self, record: Record, *, reason: str) -> Sent:
        """Leave a marker for good."""
        sent = await super().signal_cancel(record, reason=reason)
        await self.client.persist(keys.marker(record.job_id))
        return sent


class VariantAssembly(Assembly):
    """Markers stay for ever."""

    redis_store_class = Hoarding
