"""Doing the same again and again until told to stop, without ever breaking off in the middle.

A task that is cancelled while its command is under way may never notice: Redis clients have been
seen to swallow the cancellation together with a timeout of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


class Repetition:
    """Does `deed` every `every_s` seconds, beginning after as many."""

    def __init__(self, deed: Callable[[], Awaitable[None]], *, every_s: float) -> None:
        self._deed = deed
        self._every_s = every_s
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Once more at most; raises what the deed raised."""
        self._over.set()
        await self._task

    async def _run(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._over.wait()
            if not self._over.is_set():
                await self._deed()
