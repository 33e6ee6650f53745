"""Ports for programs that are about to be started."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from queueproof.stack.children import free_port

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
