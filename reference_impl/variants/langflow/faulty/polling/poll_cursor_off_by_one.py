"""Each poll begins with the last event of the one before: an inclusive range.

XRANGE includes its first id; whoever passes the last id seen gets that event again.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import View
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"POLL-002", "POLL-003"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class InclusiveStore(RedisStore):
    """Takes from the last position on, that position included."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """The last event delivered, and what is behind it."""
        view = await super().take(job_id, token=token)
        if view is None or not view.entries or view.after == 0:
            return view
        again = await self.read(job_id, after=view.after - 1, limit=1)
        repeated: dict[str, Any] = {"entries": again.entries + view.entries} if again else {}
        return View(**{**vars(view), **repeated, "after": view.after - 1})


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = InclusiveStore
