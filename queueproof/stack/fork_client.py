"""Starting programs as forks of one that has imported what they need (a fork server).

A launch may name such a server; the references do (see `reference_impl.fast.fork_server`). It is
started by the first launch and ends with this process. One that runs already, and that
``FORK_SERVER_OF_REFERENCES`` names by the path of its socket, serves instead: tests share one.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from queueproof.config.model import ForkServing
from queueproof.stack.folders import new_folder, remove

#: The path of the socket of a server that others have started.
SHARED = "FORK_SERVER_OF_REFERENCES"
_BEGAN = b"began"
_MANY = 128
#: It answers as soon as it has imported what it forks, which a starved machine takes its time for.
_ANSWERED_WITHIN_S = 20.0
_LONGEST_ANSWER = 32


class ForkServer:
    """A fork server of this process, started when it is first asked for a program."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = dict(environment)
        self._program: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    @property
    def path(self) -> str:
        """Where its socket is; started by the first look."""
        if self._folder is None:
            self._start()
        return str(self._folder / "socket") if self._folder else ""

    def close(self) -> None:
        """End it, and with it whatever it has forked."""
        if self._program is not None and self._program.stdin is not None:
            self._program.stdin.close()
            self._program.wait()
        if self._folder is not None:
            remove(self._folder)
        self._program = self._folder = None

    def _start(self) -> None:
        self._folder = new_folder("queueproof-forks-")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(self._folder / "socket"))
            listener.listen(_MANY)
            self._program = subprocess.Popen(  # noqa: S603  (as the launch says)
                [*self._command, str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                env=self._environment,
                start_new_session=True,
            )


class ForkedProcess:
    """A program that a fork server has forked: asked and waited for as a child of ours is.

    Its number is its own until its exit code has come.
    """

    def __init__(self, pid: int, asked: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._asked = asked
        self._loop = asyncio.get_running_loop()
        self._ended = self._loop.create_future()
        self._loop.add_reader(asked.fileno(), self._hear)

    def send_signal(self, number: int) -> None:
        """Send it a signal; none once it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    async def wait(self) -> int:
        """Wait for its end; its exit code."""
        if self.returncode is None:
            await asyncio.shield(self._ended)
        assert self.returncode is not None
        return self.returncode

    def _hear(self) -> None:
        """Its exit code; without one the server has ended, and its forks with it."""
        answer = b""
        with suppress(OSError):
            answer = self._asked.recv(_LONGEST_ANSWER)
        self.returncode = int(answer.split()[1]) if answer else -signal.SIGTERM
        self._loop.remove_reader(self._asked.fileno())
        self._asked.close()
        if not self._ended.done():
            self._ended.set_result(None)


async def forked(
    forks: ForkServing,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    output: IO[bytes],
    folder: Path,
) -> ForkedProcess | None:
    """Ask for a program that is a fork; None where it must be started as every program is."""
    begins = len(forks.instead_of)
    if sys.platform != "linux" or tuple(command[:begins]) != forks.instead_of:
        return None
    order = {
        "arguments": list(command[begins:]),
        "environment": dict(environment),
        "folder": str(folder),
    }
    asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asked.setblocking(False)
    try:
        asked.connect(os.environ.get(SHARED) or fork_server(forks).path)
        socket.send_fds(asked, [json.dumps(order).encode()], [output.fileno()])
        async with asyncio.timeout(_ANSWERED_WITHIN_S):
            answer = await asyncio.get_running_loop().sock_recv(asked, _LONGEST_ANSWER)
    except OSError:  # of which a time limit that is over is one
        answer = b""
    except BaseException:
        asked.close()
        raise
    word, _, pid = answer.partition(b" ")
    if word != _BEGAN:
        asked.close()
        return None
    return ForkedProcess(int(pid), asked)


@functools.cache
def fork_server(forks: ForkServing) -> ForkServer:
    """This process's own; it ends with it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    made = ForkServer(forks.server, environment={**kept, "PYTHONPATH": forks.python_path})
    atexit.register(made.close)
    return made
