"""Stopping a running loop when the process is told to stop (`signals`)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from queueproof.running.signals import heeded


@contextmanager
def heeding(stop: Callable[[str], None]) -> Iterator[None]:
    """While a loop runs, each signal calls `stop` in it, with the signal's name."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in heeded()}
    for number in before:
        loop.add_signal_handler(number, stop, number.name)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def quietly() -> None:
    """What breaks in the running loop because the run was cut short is no news."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)


async def to_its_end(closing: Coroutine[Any, Any, None]) -> BaseException | None:
    """Run what must be done at the end, whoever is cancelled; what went wrong in it.

    Each cancellation cuts short the step that is under way.
    """
    task = asyncio.create_task(closing)
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
    return None if task.cancelled() else task.exception()
