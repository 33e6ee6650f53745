"""A case's time limit. It stands still while a target is started for the case: how long a start
may take, and how many may be under way at once, is the target's affair and bounded there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

_clock: ContextVar[asyncio.Timeout | None] = ContextVar("clock", default=None)


@asynccontextmanager
async def limited(bound_s: float) -> AsyncIterator[None]:
    """Raises TimeoutError when the body takes longer than `bound_s`, starts not counted."""
    async with asyncio.timeout(bound_s) as clock:
        _clock.set(clock)
        yield


@contextmanager
def standing_still() -> Iterator[None]:
    """The running case's limit does not count the body's time."""
    clock, loop = _clock.get(), asyncio.get_running_loop()
    due_s = clock.when() if clock is not None else None
    if clock is None or due_s is None:
        yield
        return
    began_s = loop.time()
    clock.reschedule(None)
    try:
        yield
    finally:
        clock.reschedule(due_s + loop.time() - began_s)
