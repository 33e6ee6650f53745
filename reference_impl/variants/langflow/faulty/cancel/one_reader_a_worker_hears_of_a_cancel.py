"""Of several streams of a build on one worker the first is told of a cancel, the others hang.

Who waits is woken by taking it from a list, and the word that ends the build is given once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"CANC-005"})
PLAYS = ("STRM-004", "STRM-007", "CANC-003")


class FirstComes(StreamReader):
    """Gives the word once."""

    given: set[str] = set()  # noqa: RUF012

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Yield entries, and the end of a cancelled build to one reader."""
        async for entry in super().entries(job_id):
            if entry.event.name == "cancelled":
                if job_id in self.given:
                    await asyncio.Event().wait()
                self.given.add(job_id)
            yield entry


class VariantAssembly(Assembly):
    """Reads so."""

    reader_class = FirstComes
