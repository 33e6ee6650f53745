"""Ending tasks for good.

A cancel that meets the end of what a task waits for can be lost on the way, in a library's own
handling of time limits and errors: who waits for the task then waits for ever. What a task does at
its own end is not to be cut short, so that it is told again only after longer than any end takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

HEARD_WITHIN_S = 5.0


async def end_all(
    tasks: Iterable[asyncio.Task[Any]], *, heard_within_s: float | None = None
) -> None:
    """Cancel tasks, again where one was not heard in time, and return when all are over.

    What went wrong in one of them is of no interest any more.
    """
    ended = set(tasks)
    left = {task for task in ended if not task.done()}
    within_s = HEARD_WITHIN_S if heard_within_s is None else heard_within_s
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=within_s)
    for task in ended:
        if not task.cancelled():
            task.exception()
