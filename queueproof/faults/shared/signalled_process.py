"""Processes that are killed, stopped gracefully, or frozen and thawed."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psutil

from queueproof.errors import HarnessError
from queueproof.faults.base import Unconfirmed
from queueproof.processes.signalling import NotSignalled, Process, Victim
from queueproof.stack.journal import Journal, Undo
from queueproof.waiting import eventually

_EFFECT_S = 5.0
_GONE = {"gone", psutil.STATUS_ZOMBIE}


class FrozenProcess:
    """Stops a process by SIGSTOP until healed: it is there, and answers nothing."""

    def __init__(self, victim: Victim, what: str, *, journal: Journal | None = None) -> None:
        self.name = f"frozen {what}"
        self._victim = victim
        self._journal = journal
        self._note: int | None = None
        self._frozen = False

    async def apply(self) -> None:
        """Freeze; a run that is killed meanwhile leaves a note for the next."""
        self._victim.check()
        if self._journal is not None:
            which = {"pid": self._victim.pid, "birth": self._victim.birth}
            self._note = self._journal.note(Undo("signal", "", which))
        self._victim.send(signal.SIGSTOP)
        self._frozen = True

    async def confirm(self) -> str:
        """The kernel shows it as stopped."""
        await _await_status(self._victim, {psutil.STATUS_STOPPED}, self.name)
        return f"process {self._victim.pid} is stopped"

    async def heal(self) -> None:
        """Thaw, and see that it is thawed; nothing where it was never frozen."""
        if self._frozen:
            with suppress(NotSignalled):
                self._victim.send_again(signal.SIGCONT)
            status, thawed = await eventually(
                _look(self._victim),
                lambda status: status != psutil.STATUS_STOPPED,
                within_s=_EFFECT_S,
            )
            if not thawed:
                raise HarnessError(f"process {self._victim.pid} is {status} after it was thawed")
            self._frozen = False
        if self._journal is not None and self._note is not None:
            self._journal.done(self._note)


class EndedProcess:
    """Ends a process by a signal: SIGKILL at once, SIGTERM gracefully."""

    def __init__(self, victim: Victim, what: str, *, by: signal.Signals = signal.SIGKILL) -> None:
        self.name = f"{by.name} to {what}"
        self._victim = victim
        self._by = by

    async def apply(self) -> None:
        """Send the signal."""
        self._victim.send(self._by)

    async def confirm(self) -> str:
        """The process is gone, or (graceful) may still be finishing."""
        if self._by is signal.SIGKILL:
            await _await_status(self._victim, _GONE, self.name)
        return f"{self._by.name} delivered to process {self._victim.pid}"

    async def heal(self) -> None:
        """Bringing up a successor is the target's business."""


def stopped(victim: Victim, what: str) -> EndedProcess:
    """The fault of asking a process to end."""
    return EndedProcess(victim, what, by=signal.SIGTERM)


def gone(process: Process) -> bool:
    """Whether a process has ended (a zombie has)."""
    return process.status in _GONE


async def _await_status(victim: Victim, wanted: set[str], name: str) -> None:
    status, reached = await eventually(_look(victim), wanted.__contains__, within_s=_EFFECT_S)
    if not reached:
        raise Unconfirmed(f"{name}: process {victim.pid} is {status}")


def _look(victim: Victim) -> Callable[[], Awaitable[str]]:
    async def look() -> str:
        return victim.status

    return look
