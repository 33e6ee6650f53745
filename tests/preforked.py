"""`queueproof …` as a fork of a program that has imported it, for tests that run it many times.

Importing what a gate needs takes a second of processor time, as long as many a gate of one case.
Here one program imports it and waits; each run is a fork of it, with arguments, environment, folder
and output of its own, that ends as every program does. Who asks holds a socket: closing it ends the
run. A test of how the program starts, or of its signals, starts the program itself.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from _pytest.config import default_plugins

from queueproof.requirements import registry
from queueproof.stack.fork_client import SHARED, ForkServer, fork_server
from queueproof.targets.reference_forks import reference_forks

#: What runs import, and the packages all of whose modules they import.
_MODULES = (
    *("anyio._backends._asyncio", "httpcore", "hypothesis", "jinja2.ext", "sniffio"),
    *(f"_pytest.{plugin}" for plugin in default_plugins),
    "queueproof.pytest_plugin",
)
_PACKAGES = (
    *("cli", "running", "case_helpers", "checkers", "chaos", "faults", "reporting"),
    *("requirements", "stack", "targets", "processes", "executors", "config"),
)
#: Modules that are programs: they run when they are imported.
_PROGRAMS = (".component", "_player")
_LARGEST_ORDER = 200_000
_GONE = 255


class Preforked:
    """The program that waits, and the runs that are asked of it; started by the first."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="preforked-")
        self._path = str(Path(self._folder.name) / "socket")
        self._program: subprocess.Popen[bytes] | None = None

    def run(
        self, arguments: Sequence[str], *, environment: Mapping[str, str], timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as `subprocess.run` does.

        Raises subprocess.TimeoutExpired, and the command has ended then.
        """
        with (
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as errors,
            self._ask(arguments, environment, out, errors) as asked,
        ):
            asked.settimeout(timeout_s)
            try:
                code = int(asked.recv(16) or _GONE)
            except TimeoutError:
                asked.shutdown(socket.SHUT_WR)
                asked.settimeout(None)
                asked.recv(16)
                raise subprocess.TimeoutExpired(list(arguments), timeout_s) from None
            said = [_text(sink) for sink in (out, errors)]
        return subprocess.CompletedProcess(list(arguments), code, *said)

    async def run_within(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        sink: IO[bytes],
        within_s: float,
    ) -> int | None:
        """Run a command to its end; its exit code, or None if it had to be ended."""
        loop = asyncio.get_running_loop()
        with self._ask(arguments, environment, sink, sink) as asked:
            asked.setblocking(False)
            try:
                async with asyncio.timeout(within_s):
                    return int(await loop.sock_recv(asked, 16) or _GONE)
            except TimeoutError:
                return None
            finally:
                with contextlib.suppress(OSError):  # it has ended by itself
                    asked.shutdown(socket.SHUT_WR)
                    await asyncio.shield(loop.sock_recv(asked, 16))

    @property
    def pid(self) -> int:
        """The program's process."""
        assert self._program is not None
        return self._program.pid

    def close(self) -> None:
        """End the program, and what it runs."""
        if self._program is not None and self._program.stdin is not None:
            self._program.stdin.close()
            self._program.wait()
        self._folder.cleanup()

    def _ask(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        out: IO[bytes],
        errors: IO[bytes],
    ) -> socket.socket:
        self._start()
        order = {
            "arguments": arguments,
            "environment": {SHARED: _references().path, **environment},
            "folder": str(Path.cwd()),
        }
        asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asked.connect(self._path)
        socket.send_fds(asked, [json.dumps(order).encode()], [out.fileno(), errors.fileno()])
        return asked

    def _start(self) -> None:
        if self._program is not None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(self._path)
            listener.listen(64)
            self._program = subprocess.Popen(
                [sys.executable, "-m", "tests.preforked", str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                env=_bare_environment(),
            )


def _references() -> ForkServer:
    """One for all runs: what they start of the reference are forks of it."""
    return fork_server(reference_forks())


def _bare_environment() -> dict[str, str]:
    """Ours without what configures queueproof, or keeps Python from compiling a module once."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith("QUEUEPROOF_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def _text(sink: IO[bytes]) -> str:
    sink.seek(0)
    return sink.read().decode("utf-8", "replace")


@functools.cache
def preforked() -> Preforked:
    """This process's own; it ends with it."""
    made = Preforked()
    atexit.register(made.close)
    return made


def _import_all() -> None:
    for name in _MODULES:
        importlib.import_module(name)
    for name in _PACKAGES:
        package = importlib.import_module(f"queueproof.{name}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(_PROGRAMS):
                importlib.import_module(found.name)


def _serve(listener: socket.socket) -> None:
    """Fork for each order; only a fork returns, when it has become the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    waiting.register(sys.stdin, select.POLLIN | select.POLLHUP)
    while True:
        ready = [descriptor for descriptor, _ in waiting.poll()]
        if listener.fileno() not in ready:
            os._exit(0)
        asked, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _attend(asked)
            return
        asked.close()


def _attend(asked: socket.socket) -> None:
    """Fork the command and wait for it; only the command returns."""
    text, sinks, _, _ = socket.recv_fds(asked, _LARGEST_ORDER, 2)
    if not text:
        os._exit(0)
    command = os.fork()
    if command == 0:
        asked.close()
        _become(json.loads(text), *sinks)
        return
    ended = os.pidfd_open(command)
    waiting = select.poll()
    waiting.register(ended, select.POLLIN)
    waiting.register(asked, select.POLLIN | select.POLLHUP)
    if ended not in [descriptor for descriptor, _ in waiting.poll()]:
        os.kill(command, signal.SIGTERM)
    _, status = os.waitpid(command, 0)
    with contextlib.suppress(OSError):  # nobody waits for it any more
        asked.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(order: Mapping[str, Any], out: int, errors: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in enumerate((nothing, out, errors)):
        os.dup2(source, target)
        os.close(source)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["queueproof", *order["arguments"]]


def _main() -> None:
    _import_all()
    registry.known_ids()
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    from queueproof.cli.main import main

    main()


if __name__ == "__main__":
    _main()
