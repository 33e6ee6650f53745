"""Workers that are up and take no more jobs: what several variants end in."""

from __future__ import annotations

import asyncio

from reference_impl.generic.worker import Worker


def take_nothing_after(deaf: asyncio.Event) -> None:
    """From the moment that it is set the workers of this process take no job."""
    take_one = Worker.take_one

    async def never_again(self: Worker) -> None:
        if deaf.is_set():
            await self.stopping.wait()
        else:
            await take_one(self)

    Worker.take_one = never_again  # type: ignore[method-assign]
