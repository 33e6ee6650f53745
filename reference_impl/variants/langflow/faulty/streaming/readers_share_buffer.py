"""Two streams of one job on one worker split its events between them (Langflow 1.13).

One buffer, two readers; the one that misses the last event never ends.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"STRM-004", "STRM-009"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class SharingReader(StreamReader):
    """Keeps one position for all streams of a job on this worker."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._positions: dict[str, int] = {}

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        taken = self._positions.get(job_id, 0)
        found = await super()._more(job_id, after=taken, arrived=arrived)
        left = tuple(e for e in found if e.position > self._positions.get(job_id, 0))
        if left:
            self._positions[job_id] = left[-1].position
        return left


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = SharingReader
