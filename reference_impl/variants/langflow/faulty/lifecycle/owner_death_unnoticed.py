"""The death of a job's owner is nobody's business: its readers wait for ever (Langflow 1.13).

Streams stay open and silent until the key runs out.
"""

from __future__ import annotations

from reference_impl.core.events import Closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"LIFE-001"})
PLAYS = ("LIFE-001", "LIFE-003", "LIFE-004", "LIFE-002", "POLL-001")


class TrustingStore(RedisStore):
    """Believes in owners."""

    async def lose(self, job_id: str, closing: Closing) -> bool:
        """It will come back."""
        return False


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = TrustingStore
