"""Ports for programs: free ones, each for one run alone."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest

from queueproof.errors import HarnessError
from queueproof.stack import ports as module
from queueproof.stack.ports import free_port

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_port_is_given_out_twice() -> None:
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == 200


def test_a_port_can_be_listened_on() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
        server.listen()


@pytest.mark.skipif(not _RANGE.exists(), reason="the kernel does not tell its range here")
def test_a_port_is_none_that_an_outgoing_connection_may_be_given() -> None:
    lowest = int(_RANGE.read_text("ascii").split()[0])

    assert all(free_port() < lowest for _ in range(50))


def test_ports_do_not_run_out_however_long_a_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred gates want more ports than there are, and none of the latest twice."""
    monkeypatch.setattr(module, "_PORTS", (20_000, 20_200))
    monkeypatch.setattr(module, "_given_out", deque(maxlen=20))

    given = [module.free_port() for _ in range(200)]

    latest = [given[max(0, number - 20) : number] for number in range(200)]
    assert all(port not in before for port, before in zip(given, latest, strict=True))


_ANOTHER_RUN = """
import sys
from queueproof.stack import ports
ports._PORTS = (int(sys.argv[1]), int(sys.argv[1]) + 1)
print(ports.free_port(), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="sockets have no names without a file here")
def test_what_another_run_was_given_is_not_given_again_while_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though nobody listens there yet."""
    port = free_port()
    monkeypatch.setattr(module, "_PORTS", (port, port + 1))
    monkeypatch.setattr(module, "_given_out", deque())
    while module._reservations:
        module._reservations.pop().close()
    with subprocess.Popen(
        [sys.executable, "-c", _ANOTHER_RUN, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as another:
        assert another.stdout is not None
        assert another.stdout.readline().strip() == str(port)
        with pytest.raises(HarnessError, match="no free port"):
            free_port()
        another.communicate("")

    assert free_port() == port


def test_only_so_many_are_held_at_once() -> None:
    for _ in range(100):
        free_port()

    assert len(module._reservations) == 64
