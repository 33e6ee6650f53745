"""Threads that take one call after another: beginning one costs more than most calls."""

from __future__ import annotations

import os
import queue
import threading
from contextlib import suppress
from typing import Protocol

IDLE_S = 10.0


class Interrupted(BaseException):
    """Raised inside a component's thread when its job is stopped."""


class Call(Protocol):
    """What a thread does."""

    @property
    def interrupted(self) -> bool:
        """Whether the thread was told to stop meanwhile."""

    def run(self) -> None:
        """Do it, and tell whoever waits."""


class _ReusedThread(threading.Thread):
    """A thread that does one call after another, and ends when it has been idle for a while."""

    def __init__(self) -> None:
        super().__init__(name="component", daemon=True)
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()

    def take(self, call: Call) -> None:
        """Do this call now."""
        self._calls.put(call)

    def run(self) -> None:
        """What the thread does. After an interrupt it ends: one may still be under way to it."""
        try:
            while not self._next().interrupted:
                _idle.append(self)
        except (Interrupted, queue.Empty):
            return

    def _next(self) -> Call:
        try:
            call = self._calls.get(timeout=IDLE_S)
        except queue.Empty:
            if self in _idle:
                with suppress(ValueError):  # somebody has just taken it
                    _idle.remove(self)
                    raise
            call = self._calls.get()
        call.run()
        return call


_idle: list[_ReusedThread] = []
os.register_at_fork(after_in_child=_idle.clear)  # no thread is carried over


def idle_thread() -> _ReusedThread:
    """An idle thread, the last used first, or a new one."""
    try:
        return _idle.pop()
    except IndexError:
        thread = _ReusedThread()
        thread.start()
        return thread
