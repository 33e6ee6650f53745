"""A client that polls and one that streams share one cursor, and each event goes to one of them.

One buffer for two readers: the first to ask has it.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import CursorBusy, Entry

FAILS = frozenset({"POLL-012", "STRM-003", "STRM-004", "STRM-008", "STRM-009"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)
BUSY_S = 0.01


class TakingReader(StreamReader):
    """Takes from the polls' cursor; it sees the end as everybody does."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._taken: dict[float, set[int]] = {}

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        found = await super()._more(job_id, after=after, arrived=arrived)
        ours = self._taken.setdefault(arrived, set())
        ours |= await self._take(job_id)
        return tuple(e for e in found if e.position in ours or e.event.is_terminal)

    async def _take(self, job_id: str) -> set[int]:
        token = uuid.uuid4().hex
        while True:
            try:
                view = await self.store.take(job_id, token=token)
            except CursorBusy:
                await asyncio.sleep(BUSY_S)
                continue
            await self.store.confirm(job_id, token=token)
            return {entry.position for entry in view.entries} if view else set()


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = TakingReader
