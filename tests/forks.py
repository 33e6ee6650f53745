"""Programs of tests that are forks of one that has imported what they need.

Whoever asks holds a socket: closing it ends the program. The servers are those of
`reference_impl.fast.fork_server`, and what runs and references ask of them `queueproof.stack` asks,
too; here they are asked and waited for as `subprocess` does it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from queueproof import paths
from queueproof.stack.fork_client import ForkServer, fork_server
from queueproof.targets.reference_forks import reference_forks

_LONGEST_ANSWER = 32
#: Where the references' server listens that serves all processes of a test run. Programs of ours do
#: not know the name: what they launch are children of theirs, as ever.
SHARED_REFERENCES = "REFERENCES_OF_TESTS"
#: Held where the first of several threads makes what all of them use.
ONE_AT_A_TIME = threading.Lock()


class Fork:
    """A program that a fork server has forked, with the ways of `subprocess.Popen`.

    `out` takes what it prints, and its errors where there is no place of their own for these.
    """

    def __init__(
        self,
        server: ForkServer | StartedServer,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        out: IO[bytes],
        errors: IO[bytes] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.arguments = list(arguments)
        self.returncode: int | None = None
        order = {
            "arguments": self.arguments,
            "environment": dict(environment),
            "folder": str(folder or Path.cwd()),
        }
        files = [sink.fileno() for sink in (out, errors) if sink is not None]
        with ONE_AT_A_TIME:  # the first order starts the server
            path = server.path
        self._asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asked.connect(path)
        socket.send_fds(self._asked, [json.dumps(order).encode()], files)
        self._pid = 0

    @property
    def pid(self) -> int:
        """Its process; nobody else's until its exit code has been heard."""
        while not self._pid and self.returncode is None:
            self._hear(self._asked.recv(_LONGEST_ANSWER))
        return self._pid

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        try:
            return self.wait(timeout=0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; its exit code. Raises subprocess.TimeoutExpired."""
        while self.returncode is None:
            self._asked.settimeout(timeout)
            try:
                self._hear(self._asked.recv(_LONGEST_ANSWER))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.arguments, timeout or 0) from None
            finally:
                self._asked.settimeout(None)
        self._asked.close()
        return self.returncode

    async def ended(self) -> int:
        """The same, in an event loop."""
        self._asked.setblocking(False)
        while self.returncode is None:
            loop = asyncio.get_running_loop()
            self._hear(await loop.sock_recv(self._asked, _LONGEST_ANSWER))
        self._asked.close()
        return self.returncode

    def give_up(self) -> None:
        """Have it ended by its server; it is waited for as ever."""
        if self.returncode is None:
            self._asked.shutdown(socket.SHUT_WR)

    def send_signal(self, number: int) -> None:
        """Send it a signal; none once it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _hear(self, answer: bytes) -> None:
        """Its number, later its exit code; nothing once its server has ended, and it as well."""
        word, _, number = answer.decode().partition(" ")
        assert word in ("began", "ended", ""), f"{self.arguments}: {answer!r}"
        if word == "began":
            self._pid = int(number)
        else:
            self.returncode = int(number or -signal.SIGTERM)


#: What is started either way.
Program = subprocess.Popen[bytes] | Fork


@dataclass(frozen=True)
class StartedServer:
    """A fork server that another process of this test run has started, and ends."""

    path: str


def references() -> ForkServer | StartedServer:
    """One for all of this test run: whatever is started here of the references are forks of it."""
    if path := os.environ.get(SHARED_REFERENCES):
        return StartedServer(path)
    with ONE_AT_A_TIME:
        made = fork_server(reference_forks())
        assert made.path, "no server of forks can listen"
    return made


def reference_started(*words: str, out: IO[bytes], environment: Mapping[str, str]) -> Fork:
    """What `queueproof serve` with these words becomes; Python is set as its server is."""
    given = {name: value for name, value in environment.items() if not name.startswith("PYTHON")}
    given["PYTHONPATH"] = str(paths.root())
    return Fork(references(), words, environment=given, out=out)
