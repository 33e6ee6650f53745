"""Processes that are killed, stopped gracefully, or frozen and thawed."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psutil

from queueproof.errors import HarnessError
from queueproof.faults.base import Unconfirmed
from queueproof.stack.journal import Journal, Undo
from queueproof.waiting import eventually

_EFFECT_S = 5.0
_GONE = {"gone", psutil.STATUS_ZOMBIE}


class FrozenProcess:
    """Stops a process by SIGSTOP until healed: it is there, and answers nothing."""

    def __init__(self, pid: int, what: str, *, journal: Journal | None = None) -> None:
        self.name = f"frozen {what}"
        self._pid = pid
        self._journal = journal
        self._note: int | None = None

    async def apply(self) -> None:
        """Freeze; a run that is killed meanwhile leaves a note for the next."""
        if self._journal is not None:
            created = psutil.Process(self._pid).create_time()
            undo = Undo("signal", "", {"pid": self._pid, "created": created})
            self._note = self._journal.note(undo)
        os.kill(self._pid, signal.SIGSTOP)

    async def confirm(self) -> str:
        """The kernel shows it as stopped."""
        await _await_status(self._pid, {psutil.STATUS_STOPPED}, self.name)
        return f"process {self._pid} is stopped"

    async def heal(self) -> None:
        """Thaw, and see that it is thawed."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGCONT)
        status, thawed = await eventually(
            _look(self._pid), lambda status: status != psutil.STATUS_STOPPED, within_s=_EFFECT_S
        )
        if not thawed:
            raise HarnessError(f"process {self._pid} is {status} after it was thawed")
        if self._journal is not None and self._note is not None:
            self._journal.done(self._note)


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
            await _await_status(self._pid, _GONE, self.name)
        return f"{self._by.name} delivered to process {self._pid}"

    async def heal(self) -> None:
        """Bringing up a successor is the target's business."""


async def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    return await _look(pid)() in _GONE


async def _await_status(pid: int, wanted: set[str], name: str) -> None:
    status, reached = await eventually(_look(pid), wanted.__contains__, within_s=_EFFECT_S)
    if not reached:
        raise Unconfirmed(f"{name}: process {pid} is {status}")


def _look(pid: int) -> Callable[[], Awaitable[str]]:
    async def look() -> str:
        try:
            return str(psutil.Process(pid).status())
        except psutil.Error:
            return "gone"

    return look
