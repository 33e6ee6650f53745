"""A reader's page holds a hundred events, and the next one begins behind its first; and positions
have four digits.

In a burst events are read in batches and the first fault does not show; in an ordinary job every
hundredth event is skipped. The second shows beyond ten thousand.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"SUBM-007"})
PLAYS = ("STRM-013",)
PAGE = 100
DIGITS = 10_000


class PagingReader(StreamReader):
    """Turns the page too late."""

    async def more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        """The next entries, without one that is alone at a page's end."""
        found = await super().more(job_id, after=after, arrived=arrived)
        alone = len(found) == 1 and not found[0].event.is_terminal
        if alone and found[0].position % PAGE == 0:
            return await super().more(job_id, after=found[0].position, arrived=arrived)
        return tuple(entry for entry in found if entry.position != DIGITS)


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = PagingReader
