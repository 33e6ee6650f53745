"""What can be seen of a fault proxy's connections, and what cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from queueproof.stack.journal import Journal
from queueproof.stack.ports import free_port
from queueproof.stack.proxies import Proxy, reached_at
from queueproof.stack.toxiproxy_api import ToxiproxyApi


def proxy(port: int, folder: Path) -> Proxy:
    api = ToxiproxyApi("http://127.0.0.1:1")
    return Proxy(api, "one", f"127.0.0.1:{port}", "127.0.0.1:2", Journal(folder))


def test_a_proxy_that_listens_elsewhere_cannot_be_seen(tmp_path: Path) -> None:
    """Nobody connected and nothing to be seen are two things."""
    assert proxy(free_port(), tmp_path).connections() is None


def test_a_proxy_that_listens_here_has_none_but_ours(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert proxy(port, tmp_path).connections() == 0


@pytest.mark.parametrize(
    ("listen", "api", "reached"),
    [
        ("127.0.0.1:6401", "http://127.0.0.1:8474", "127.0.0.1:6401"),
        ("toxiproxy:6401", "http://toxiproxy:8474", "toxiproxy:6401"),
        ("0.0.0.0:6401", "http://172.17.0.3:8474", "172.17.0.3:6401"),
        ("[::]:6401", "http://toxiproxy:8474", "toxiproxy:6401"),
        ("[::]:6401", "http://[::1]:8474", "[::1]:6401"),
        ("[::1]:6401", "http://[::1]:8474", "[::1]:6401"),
    ],
)
def test_a_proxy_on_every_address_is_reached_where_its_api_is(
    listen: str, api: str, reached: str
) -> None:
    """In a container it listens so, and its own word for that is nobody else's address."""
    assert reached_at(listen, api) == reached
