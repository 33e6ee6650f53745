"""Programs of the reference as forks of one that has imported what they need.

Importing other people's modules is nine tenths of the processor time of a start, and a run starts
dozens. Here one program imports them and waits at a socket: each order (arguments, environment,
folder, a file for the output, and one for the errors if they are apart) is a fork of it, in a
session of its own, that runs as ``python -m reference_impl`` would. The reference's own modules are
imported by the fork, so that what the environment asks for, such as a variant, still comes before
them.

An order is answered with ``began PID``, or ``no`` where a plain start is wanted, and later with
``ended CODE``. Until whoever asked closes the connection the number is no other process's; closing
it earlier ends the program. When the standard input closes all of them end. Plain: ``python -m
reference_impl`` itself.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from reference_impl import fast

#: What the programs import of others'.
MODULES = (
    *("aiosqlite", "bullmq", "gunicorn.app.wsgiapp", "gunicorn.arbiter", "hiredis", "httptools"),
    *("jwt", "redis.asyncio", "redis.asyncio.sentinel", "sqlalchemy.dialects.sqlite.aiosqlite"),
    *("sqlalchemy.ext.asyncio", "sqlalchemy.orm", "starlette.applications", "starlette.responses"),
    *("starlette.routing", "uvicorn", "uvicorn_worker", "uvloop", "zoneinfo"),
)
DECLINED, BEGAN, ENDED = "no", "began", "ended"
_LARGEST_ORDER = 200_000
_FILES = 2
_PR_SET_PDEATHSIG = 1
_AT_ITS_START = ("PYTHONPATH", "PYTHONHASHSEED", "PYTHONOPTIMIZE", "LD_PRELOAD")


@dataclass(eq=False)
class _Fork:
    """A program that was asked for; `pid` is 0 before its order, `left` true once nobody waits."""

    asked: socket.socket
    pid: int = 0
    ended: int = -1
    left: bool = False


class ForkServer:
    """Forks for each order; only a fork returns from `serve`, when it is to become the program.

    `program` is what its command line calls it; an order whose environment it does not `take` is
    declined.
    """

    def __init__(
        self, listener: socket.socket, program: str, *, takes: Callable[[Mapping[str, str]], bool]
    ) -> None:
        self._listener = listener
        self._program = program
        self._takes = takes
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(listener, selectors.EVENT_READ)
        self._waiting.register(sys.stdin, selectors.EVENT_READ)
        self._forks: set[_Fork] = set()

    def serve(self) -> None:  # noqa: C901
        """Take orders until the standard input closes."""
        while True:
            for key, _ in self._waiting.select():
                if key.fileobj is sys.stdin:
                    os._exit(0)
                elif key.fileobj is self._listener:
                    self._accept()
                elif key.data not in self._forks:
                    continue  # an event before this one was its last
                elif key.fileobj == key.data.ended:
                    self._has_ended(key.data)
                elif key.data.pid:
                    self._is_left(key.data)
                elif self._forked(key.data):
                    return

    def _accept(self) -> None:
        asked, _ = self._listener.accept()
        fork = _Fork(asked)
        self._forks.add(fork)
        self._waiting.register(asked, selectors.EVENT_READ, fork)

    def _forked(self, fork: _Fork) -> bool:
        """Take the order; whether this is the fork."""
        text, files, _, _ = socket.recv_fds(fork.asked, _LARGEST_ORDER, _FILES)
        order = json.loads(text) if text else {}
        if not order or not self._takes(order["environment"]):
            with suppress(OSError):
                fork.asked.send(DECLINED.encode())
            self._forget(fork)
        else:
            ours = os.getpid()
            fork.pid = os.fork()
            if fork.pid == 0:
                _become(order, files, parent=ours)
                sys.argv = [self._program, *order["arguments"]]
                with suppress(OSError):  # the server will hear that nobody waits
                    fork.asked.send(f"{BEGAN} {os.getpid()}".encode())
                self._close()
                return True
            fork.ended = os.pidfd_open(fork.pid)
            self._waiting.register(fork.ended, selectors.EVENT_READ, fork)
        for file in files:
            os.close(file)
        return False

    def _has_ended(self, fork: _Fork) -> None:
        """Tell it, and keep the number until whoever asked has heard."""
        self._waiting.unregister(fork.ended)
        os.close(fork.ended)
        fork.ended = -1
        end = os.waitid(os.P_PID, fork.pid, os.WEXITED | os.WNOWAIT)
        assert end is not None
        code = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
        try:
            fork.asked.send(f"{ENDED} {code}".encode())
        except OSError:
            fork.left = True
        if fork.left:
            self._forget(fork)

    def _is_left(self, fork: _Fork) -> None:
        """Whoever asked has gone: at the end of the program, or before it."""
        if fork.ended < 0:
            self._forget(fork)
            return
        fork.left = True
        self._waiting.unregister(fork.asked)
        os.kill(fork.pid, signal.SIGTERM)

    def _forget(self, fork: _Fork) -> None:
        if fork.pid:
            os.waitpid(fork.pid, 0)
        with suppress(KeyError):
            self._waiting.unregister(fork.asked)
        fork.asked.close()
        self._forks.discard(fork)

    def _close(self) -> None:
        """Nothing of the server's stays open in a fork."""
        self._waiting.close()
        self._listener.close()
        for fork in self._forks:
            fork.asked.close()
            if fork.ended >= 0:
                os.close(fork.ended)


def _can_be_forked(environment: Mapping[str, str]) -> bool:
    """Whether a fork would be what a start is: what works at the start alone is as it is here."""
    same = all(environment.get(name) == os.environ.get(name) for name in _AT_ITS_START)
    return same and fast.enabled(environment)


def _become(order: Mapping[str, Any], files: Sequence[int], *, parent: int) -> None:
    """Be the program: its session, its files, its environment."""
    os.setsid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, files[0], files[-1])):
        os.dup2(file, number)
    for file in (nothing, *files):
        os.close(file)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    tempfile.tempdir = None  # as the new environment has it


def import_others() -> None:
    """What the programs need of other people's; a package that is not installed is left to them."""
    for name in MODULES:
        with suppress(ImportError):
            importlib.import_module(name)


def main() -> int:
    """Serve at the listening socket whose number is the argument."""
    gc.disable()
    import_others()
    gc.freeze()
    listener = socket.socket(fileno=int(sys.argv[1]))
    ForkServer(listener, "reference_impl", takes=_can_be_forked).serve()
    from reference_impl.__main__ import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
