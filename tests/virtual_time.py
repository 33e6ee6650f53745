"""A clock that goes on where a loop would wait: tests of waiting that take no time."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Instead of waiting for `timeout` seconds it sets the clock forward by them."""

    now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everything waits, and nothing will ever come"
            self.now_s += max(0.0, timeout)
        return found


def run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What the coroutine returns, in a loop whose seconds pass at once."""
    selector = _Selector()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "monotonic", selector.monotonic)
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
            return runner.run(make())


async def for_seconds(endless: Coroutine[Any, Any, object], seconds: float) -> bool:
    """Let something run that need not end by itself; whether it ended within that time."""
    task = asyncio.ensure_future(endless)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if done:
        task.result()
        return True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False
