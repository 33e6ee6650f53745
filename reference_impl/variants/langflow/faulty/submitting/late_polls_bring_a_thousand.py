"""A poll brings a thousand events at most, and the position goes behind all that there are.

Whoever polls along never has so many at once; who comes late, or back from a pause, lacks the rest
and is told the end.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import View
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"SUBM-007"})
PLAYS = ("POLL-003", "POLL-017")
AT_MOST = 1_000


class CuttingStore(RedisStore):
    """Takes everything and shows the first thousand."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Move the cursor to the end; what it passed, cut."""
        view = await super().take(job_id, token=token)
        return view and replace(view, entries=view.entries[:AT_MOST])


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = CuttingStore
