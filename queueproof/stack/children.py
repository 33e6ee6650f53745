"""Child processes that never outlive the run that started them.

Each child leads a process group of its own and, on Linux, is told by the kernel when its parent
dies, so that even a killed run leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from queueproof.config.model import ForkServing
from queueproof.errors import HarnessError
from queueproof.processes.signalling import descendants
from queueproof.stack import folders  # noqa: F401  (registered first: removed when all has ended)
from queueproof.stack.fork_client import ForkedProcess, forked
from queueproof.trust import AUTHORITIES

_PR_SET_PDEATHSIG = 1
_CLEAN_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")

#: Leaders of the groups that may still have members, and when each began.
_groups: dict[int, float] = {}


class Program(Protocol):
    """A started program, be it a child of ours or in a container."""

    @property
    def pid(self) -> int:
        """The process id."""

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""

    @property
    def output(self) -> str:
        """Everything it has printed so far."""

    async def wait(self) -> int:
        """Wait for its end; its exit code."""

    async def stop(self, *, grace_s: float = ...) -> None:
        """End it and everything it started: politely, then not."""


class Starter(Protocol):
    """Starts a program; `log` is in a folder that the program may write to."""

    async def __call__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
    ) -> Program:
        """Start it (see `start_child`)."""


class Child:
    """One started program with its output in a file."""

    def __init__(self, process: asyncio.subprocess.Process | ForkedProcess, log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    @property
    def output(self) -> str:
        """Everything it has printed so far."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    async def wait(self) -> int:
        """Wait for its end."""
        return await self._process.wait()

    async def stop(self, *, grace_s: float = 8.0) -> None:
        """End it and everything it started: politely, then not, and at once when cut short."""
        family = descendants(self.pid) if self.exit_code is None else []
        for member in family:
            _signal(member, signal.SIGCONT)
        was_running = self.exit_code is None
        began = _groups.pop(self.pid, 0.0)
        try:
            self._send(signal.SIGCONT)
            self._send(signal.SIGTERM)
            async with asyncio.timeout(grace_s):
                await self._process.wait()
        except TimeoutError:
            self._send(signal.SIGKILL)
            await self._process.wait()
        finally:
            for member in family:
                _signal(member, signal.SIGKILL)
            if was_running:
                _end_group(self.pid, began)

    def _send(self, number: signal.Signals) -> None:
        """A signal to the program itself, whose number is its own until it was waited for."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)


async def start_child(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    forks: ForkServing | None = None,
) -> Child:
    """Start a program; its environment is a clean one plus `environment`.

    It also gets the open files `pass_fds`, under the same numbers. Where `forks` can start it
    sooner, it does.

    Raises HarnessError when the program cannot be started at all.
    """
    inherited = {name: os.environ[name] for name in _CLEAN_ENVIRONMENT if name in os.environ}
    whole = {**inherited, **environment}
    log.parent.mkdir(parents=True, exist_ok=True)
    process: asyncio.subprocess.Process | ForkedProcess | None = None
    try:
        with log.open("wb") as sink:
            if forks is not None and not pass_fds:
                process = await forked(
                    forks, command, environment=whole, output=sink, folder=cwd or Path.cwd()
                )
            process = process or await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=whole,
                cwd=cwd,
                pass_fds=pass_fds,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
    except OSError as error:
        raise HarnessError(f"cannot start {command[0]}: {error}") from error
    _groups[process.pid] = _began(process.pid)
    return Child(process, log)


def trusted_authorities() -> dict[str, str]:
    """The environment in which a program that speaks to the target trusts whom this one trusts."""
    return {name: os.environ[name] for name in AUTHORITIES if name in os.environ}


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    """A signal to a process that may have ended: its number may be another's by now."""
    with suppress(psutil.Error, OSError):
        process.send_signal(number)


def _began(pid: int) -> float:
    """When a process began; 0 when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _end_group(pid: int, began: float) -> None:
    """What a child left behind in its group ends with it.

    A number is not given to another process while a group has it. Once the group is empty it may
    be: a leader that began at another time leads strangers.
    """
    now = _began(pid)
    if now and now != began:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@atexit.register
def _end_all() -> None:
    """Whatever cut the run short: no child of its outlives it."""
    for pid, began in list(_groups.items()):
        _end_group(pid, began)


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
