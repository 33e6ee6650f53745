"""Processes that are killed, stopped gracefully, or frozen and thawed."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psutil

from queueproof.errors import Inconclusive
from queueproof.waiting import eventually

_EFFECT_S = 5.0


class FrozenProcess:
    """Stops a process by SIGSTOP until healed: it is there, and answers nothing."""

    def __init__(self, pid: int, what: str) -> None:
        self.name = f"frozen {what}"
        self._pid = pid

    async def apply(self) -> None:
        """Freeze."""
        os.kill(self._pid, signal.SIGSTOP)

    async def confirm(self) -> str:
        """The kernel shows it as stopped."""
        await _await_status(self._pid, {psutil.STATUS_STOPPED}, self.name)
        return f"process {self._pid} is stopped"

    async def heal(self) -> None:
        """Thaw."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGCONT)


class EndedProcess:
    """Ends a process by a signal: SIGKILL at once, SIGTERM gracefully."""

    def __init__(self, pid: int, what: str, *, by: signal.Signals = signal.SIGKILL) -> None:
        self.name = f"{by.name} to {what}"
        self._pid = pid
        self._by = by

    async def apply(self) -> None:
        """Send the signal."""
        os.kill(self._pid, self._by)

    async def confirm(self) -> str:
        """The process is gone, or (graceful) may still be finishing."""
        if self._by is signal.SIGKILL:
            await _await_status(self._pid, {"gone", psutil.STATUS_ZOMBIE}, self.name)
        return f"{self._by.name} delivered to process {self._pid}"

    async def heal(self) -> None:
        """Bringing up a successor is the target's business."""


async def _await_status(pid: int, wanted: set[str], name: str) -> None:
    status, reached = await eventually(_look(pid), wanted.__contains__, within_s=_EFFECT_S)
    if not reached:
        raise Inconclusive(f"{name}: process {pid} is {status}")


def _look(pid: int) -> Callable[[], Awaitable[str]]:
    async def look() -> str:
        try:
            return str(psutil.Process(pid).status())
        except psutil.Error:
            return "gone"

    return look
