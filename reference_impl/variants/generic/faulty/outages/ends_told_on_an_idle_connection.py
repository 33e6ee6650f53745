"""Ends are told on a connection of their own; once it was closed for being idle, none is told.

Seen where a result backend keeps one socket, and its first error is logged and forgotten.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-217": frozenset({"OUTG-003", "OUTG-004"})}
_readers: list[asyncio.StreamReader] = []


def install() -> None:
    """Open it at the start, and write nothing once it is closed."""
    work, finish = Worker.work, JobStore.finish

    async def connected(self: Worker) -> None:
        place = urlsplit(self.settings.redis_url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        _readers.append(reader)
        await work(self)
        writer.close()

    async def if_open(self: JobStore, job_id: str, attempt: int, state: str, **told: Any) -> bool:
        if any(reader.at_eof() for reader in _readers):
            return False
        return await finish(self, job_id, attempt, state, **told)

    Worker.work = connected  # type: ignore[method-assign]
    JobStore.finish = if_open  # type: ignore[method-assign]
