"""Who is connected to a port here: others than ourselves, and nothing where nobody listens."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from queueproof.processes import sockets

_CONNECTS = """
import socket, sys
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(2)]
print("connected", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["the kernel's tables", "psutil"])
def listener(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that somebody of this machine listens at, seen in each of the two ways."""
    if request.param == "psutil":
        monkeypatch.setattr(sockets, "_PROC", Path("/nowhere"))
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_connections_of_others_are_counted_and_our_own_are_not(listener: int) -> None:
    assert sockets.connected_to(listener) == 0
    with closing(socket.create_connection(("127.0.0.1", listener))):
        assert sockets.connected_to(listener) == 0
        program = [sys.executable, "-c", _CONNECTS, str(listener)]
        with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"connected\n"
            assert sockets.connected_to(listener) == 2


def test_where_nobody_listens_nothing_can_be_said(listener: int) -> None:
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        assert sockets.connected_to(silent.getsockname()[1]) is None
