"""A case's time limit: a net for a case that hangs, never the judge of a target.

It stands still while a target is started for the case: how long a start may take, and how many may
be under way at once, is the target's affair and bounded there. And it never comes before a deadline
that the case itself waits for: with long timings declared, a stream that never ends would otherwise
be a case that took too long, which accuses nobody, instead of the violation that it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar

#: From a deadline to the limit at the earliest: time for a verdict after it.
_MARGIN_S = 10.0
#: So much is no deadline that anybody waits for, but another word for none.
_NO_DEADLINE_S = 3600.0
_clock: ContextVar[asyncio.Timeout | None] = ContextVar("clock", default=None)


@asynccontextmanager
async def limited(bound_s: float) -> AsyncIterator[None]:
    """Raises TimeoutError when the body takes longer than `bound_s`, starts not counted."""
    async with asyncio.timeout(bound_s) as clock:
        _clock.set(clock)
        yield


def waiting_for(within_s: float) -> None:
    """The running case waits for something with a deadline of its own, `within_s` seconds from now.

    Its limit comes no sooner. Outside a case nothing happens.
    """
    clock = _clock.get()
    due_s = clock.when() if clock is not None else None
    if clock is None or due_s is None or within_s >= _NO_DEADLINE_S:
        return
    wanted_s = asyncio.get_running_loop().time() + within_s + _MARGIN_S
    if due_s < wanted_s:
        # A limit that is over is over: what is still under way is about to be told so.
        with suppress(RuntimeError):
            clock.reschedule(wanted_s)


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
