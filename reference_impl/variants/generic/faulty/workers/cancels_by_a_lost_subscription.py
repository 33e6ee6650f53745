"""Cancels are published; a worker whose subscription was cut never subscribes again.

As RQ 1.16.2 did (`CLIENT KILL TYPE pubsub`, once, and stop commands do nothing).
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker

FAILS = frozenset({"WORK-003"})
PLAYS = ("CANC-002", "CANC-003")
_CHANNEL = "cancels"
_heard: set[str] = set()


def install() -> None:
    """Publish them, listen on one connection, and believe nothing else."""
    cancel, renew, work = JobStore.cancel, JobStore.renew, Worker.work

    async def published(self: JobStore, job_id: str) -> bool:
        taken = await cancel(self, job_id)
        await self.redis.publish(_CHANNEL, job_id)
        return taken

    async def as_heard(self: JobStore, job_id: str, attempt: int) -> str:
        told = await renew(self, job_id, attempt)
        return "held" if told == "cancelled" and job_id not in _heard else told

    async def listening(self: Worker) -> None:
        ears = asyncio.create_task(_listen(self.settings.redis_url))
        await work(self)
        ears.cancel()

    JobStore.cancel = published  # type: ignore[method-assign]
    JobStore.renew = as_heard  # type: ignore[method-assign]
    Worker.work = listening  # type: ignore[method-assign]


async def _listen(url: str) -> None:
    """Everything that comes, until the connection ends."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"SUBSCRIBE {_CHANNEL}\r\n".encode("ascii"))
    while line := await reader.readline():
        _heard.add(line.decode("ascii", "replace").strip())
