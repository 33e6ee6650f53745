"""Workers are woken by a channel; one whose subscription was cut once never subscribes again.

Seen where a connection that only listens has nobody who looks after it.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from reference_impl.generic.deafened_workers import take_nothing_after
from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-213": frozenset({"OUTG-003", "OUTG-004"})}
_CHANNEL = "wake"


def install() -> None:
    """Take jobs as long as the subscription lives, and no longer."""
    work, asleep = Worker.work, asyncio.Event()

    async def listening(self: Worker) -> None:
        ears = asyncio.create_task(_listen(self.settings.redis_url, asleep))
        await work(self)
        ears.cancel()

    Worker.work = listening  # type: ignore[method-assign]
    take_nothing_after(asleep)


async def _listen(url: str, asleep: asyncio.Event) -> None:
    """As long as the connection does not end."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(f"SUBSCRIBE {_CHANNEL}\r\n".encode("ascii"))
        while await reader.readline():
            continue
    except OSError:
        pass
    finally:
        asleep.set()
        writer.close()
