"""The one way to wait: poll to a deadline. Nothing in this project sleeps and then asserts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from queueproof.clock import waiting_for
from queueproof.own_waits import told_of_waits

T = TypeVar("T")

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.2


async def eventually(
    observe: Callable[[], Awaitable[T]],
    until: Callable[[T], bool],
    *,
    within_s: float,
) -> tuple[T, bool]:
    """Observe until `until` holds or `within_s` seconds are over.

    Returns the last observation and whether it satisfied `until`. At least one observation is
    made after the deadline has passed, so that a starved harness never blames a target that
    was right in time. What a request waited for its turn is not the target's time either.
    """
    waiting_for(within_s)
    deadline = waited_until = time.monotonic()
    deadline += within_s
    pause_s = _FIRST_PAUSE_S

    def put_off(wait_s: float) -> None:
        """Requests that wait side by side wait but once."""
        nonlocal deadline, waited_until
        begins, ends = max(time.monotonic(), waited_until), time.monotonic() + wait_s
        deadline += max(0.0, ends - begins)
        waited_until = max(waited_until, ends)

    while True:
        expired = time.monotonic() >= deadline
        with told_of_waits(put_off):
            seen = await observe()
        if until(seen):
            return seen, True
        if expired:
            return seen, False
        await asyncio.sleep(min(pause_s, max(0.0, deadline - time.monotonic())))
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)


async def throughout(
    observe: Callable[[], Awaitable[T]],
    holds: Callable[[T], bool],
    *,
    for_s: float,
) -> tuple[T, bool]:
    """Observe for `for_s` seconds; stop at the first observation that does not hold."""
    seen, broke = await eventually(observe, lambda value: not holds(value), within_s=for_s)
    return seen, not broke
