"""What stands between the generator and a target: headers, cookies, a proxy, an authority."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from load.connections import Pool, Said, WayIn
from queueproof.load.run_spec import read_spec
from queueproof.stack.certificates import Certificates, make_certificates
from tests.deployments.ways_in import ForwardProxy
from tests.load.sample import spec

OWN = "Cookie: own=2\r\nAuthorization: Bearer t\r\n"


@contextmanager
def echo(certificates: Certificates | None = None) -> Iterator[str]:
    """A server that answers with what it was asked; its URL."""
    context = None
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)

    def answer(client: socket.socket) -> None:
        head = client.recv(65536)
        length = f"Content-Length: {len(head)}\r\nConnection: close".encode()
        client.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n" + head)

    def serve(server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client, suppress(OSError):
                if context is None:
                    answer(client)
                    continue
                with context.wrap_socket(client, server_side=True) as secured:
                    answer(secured)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        scheme = "http" if context is None else "https"
        yield f"{scheme}://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def asked(url: str, way_in: WayIn) -> Said:
    pool = Pool((url,), way_in)
    try:
        return pool.ask("GET", "/x", headers=OWN, within_s=10.0)
    finally:
        pool.close()


def test_a_fronts_headers_go_beside_the_users_own_and_cookies_in_one() -> None:
    with echo() as url:
        said = asked(url, WayIn(headers={"x-tenant": "acme", "cookie": "front=1"})).body.decode()

    lines = said.split("\r\n")
    assert lines[0] == "GET /x HTTP/1.1"
    assert "X-Tenant: acme" in lines
    assert "Authorization: Bearer t" in lines
    assert [line for line in lines if line.startswith("Cookie")] == ["Cookie: front=1; own=2"]


def test_a_private_authority_is_trusted_where_it_is_named(certificates: Certificates) -> None:
    with echo(certificates) as url:
        trusted = asked(url, WayIn(authorities=certificates.authority.read_text("utf-8")))
        stranger = asked(url, WayIn())

    assert trusted.status == 200
    assert stranger.status is None
    assert "CERTIFICATE_VERIFY_FAILED" in stranger.words


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_proxy_passes_requests_on_and_hears_its_own_login_alone(
    secure: bool, certificates: Certificates
) -> None:
    """An absolute request for http; a tunnel for https, in which it hears nothing."""
    proxy = ForwardProxy(wants="Basic am9lOnMzY3JldEA=")
    authorities = certificates.authority.read_text("utf-8")
    with echo(certificates if secure else None) as url, proxy.running() as address:
        there = address.replace("://", "://joe:s3cret%40@")
        way_in = WayIn(headers={"X-Tenant": "acme"}, proxy=there, authorities=authorities)
        said = asked(url, way_in)
        refused = asked(url, WayIn(proxy=address, authorities=authorities))

    assert said.status == 200, said.words
    begins = f"CONNECT {url.removeprefix('https://')}" if secure else f"GET {url}/x"
    assert proxy.seen[0] == f"{begins} HTTP/1.1"
    assert (b"Proxy-Authorization" in said.body) is not secure
    assert refused.status == (None if secure else 407)


def test_a_ticket_carries_the_way_in_to_other_machines(tmp_path: Path) -> None:
    """As text, without the files that it came from; never where it is printed."""
    made = spec(
        "https://target",
        tmp_path,
        headers={"X-Access": "a-secret"},
        authorities="-----BEGIN…",
        proxy="http://joe:secret@proxy:3128",
    )

    assert read_spec(made.as_json()) == made
    assert WayIn.of(made) == WayIn(
        headers={"X-Access": "a-secret"},
        authorities="-----BEGIN…",
        proxy="http://joe:secret@proxy:3128",
    )
    assert "secret" not in repr(made)
