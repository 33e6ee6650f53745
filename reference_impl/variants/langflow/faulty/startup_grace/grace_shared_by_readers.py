"""The second reader of a job that starts has only what the first one has left of the grace.

One timer a job, started by whoever comes first.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"GRACE-003"})
PLAYS = ("GRACE-001", "GRACE-007..008")


class SharedTimer(StreamReader):
    """Waits together."""

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        first: dict[str, float] = self.__dict__.setdefault("first", {})
        since = first.setdefault(job_id, arrived)
        return await super()._more(job_id, after=after, arrived=since)


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = SharedTimer
