"""Child processes that never outlive the run that started them.

Each child leads a process group of its own and, on Linux, is told by the kernel when its parent
dies, so that even a killed run leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import os
import random
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import psutil

from queueproof.errors import HarnessError

_PR_SET_PDEATHSIG = 1
_PORTS = (20_000, 32_000)
_PORT_TRIES = 1000
_CLEAN_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")

# Of a hundred gates in a row no range has ports enough: what was given out long ago is free again.
_given_out: deque[int] = deque(maxlen=3_000)
_groups: set[int] = set()


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

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
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
        family = descendants(self.pid)
        for member in [self.pid, *family]:
            _signal(member, signal.SIGCONT)
        was_running = self.exit_code is None
        _groups.discard(self.pid)
        try:
            _signal(self.pid, signal.SIGTERM)
            async with asyncio.timeout(grace_s):
                await self._process.wait()
        except TimeoutError:
            _signal(self.pid, signal.SIGKILL)
            await self._process.wait()
        finally:
            for member in family:
                _signal(member, signal.SIGKILL)
            if was_running:
                _end_group(self.pid)


async def start_child(
    command: Sequence[str], *, environment: Mapping[str, str], log: Path, cwd: Path | None = None
) -> Child:
    """Start a program; its environment is a clean one plus `environment`.

    Raises HarnessError when the program cannot be started at all.
    """
    inherited = {name: os.environ[name] for name in _CLEAN_ENVIRONMENT if name in os.environ}
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**inherited, **environment},
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
    except OSError as error:
        raise HarnessError(f"cannot start {command[0]}: {error}") from error
    _groups.add(process.pid)
    return Child(process, log)


def descendants(pid: int) -> list[int]:
    """Process ids of everything below `pid`."""
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def free_port() -> int:
    """A port on loopback that nobody listens on now, and that none of the latest calls was given.

    Below the range from which the kernel takes the local ports of outgoing connections: one of
    those could hold it by the time a program wants to listen there. Raises HarnessError when a
    thousand tries find none.
    """
    for _ in range(_PORT_TRIES):
        port = random.randrange(*_PORTS)  # noqa: S311  (not a secret)
        if port not in _given_out and _is_free(port):
            _given_out.append(port)
            return port
    raise HarnessError(f"no free port between {_PORTS[0]} and {_PORTS[1]}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _end_group(pid: int) -> None:
    """What a child left behind in its group ends with it.

    A number is not given to another process while a group has it.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@atexit.register
def _end_all() -> None:
    """Whatever cut the run short: no child of its outlives it."""
    for pid in list(_groups):
        _end_group(pid)


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
