"""A replica that goes away while the others serve, as in a rolling deploy."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from queueproof.errors import TargetUnreachable
from queueproof.targets.system import System
from queueproof.targets.vantage import Vantage

from .judging import judge
from .serving import Deployment

#: More than it takes to be recognised, less than the opening of a target needs.
_REQUESTS = 6


class _GoingAway:
    """Hands connections on to a port, until so many requests were made; then nobody listens."""

    def __init__(self, behind: int, requests: int) -> None:
        self._behind, self._left = behind, requests
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._server]
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
                self._open += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._hand_on, args=ends, daemon=True).start()

    def _hand_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._left -= data.count(b" HTTP/1.1\r\n")
                if self._left < 0:
                    self.close()
                    return
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def going_away(behind: int) -> Iterator[str]:
    """The URL of a replica that will be gone soon."""
    replica = _GoingAway(behind, _REQUESTS)
    try:
        yield replica.url
    finally:
        replica.close()


def test_a_replica_that_goes_away_while_the_target_is_opened_does_not_end_the_run(
    three_replicas: Deployment, tmp_path: Path
) -> None:
    """The others are judged, and the report names it."""
    with going_away(three_replicas.ports[0]) as url:
        urls = (url, *three_replicas.urls[1:])
        verdict = judge(*urls, folder=tmp_path / "gate", only=["POLL-002"])

    assert verdict.exit_code == 3, verdict
    assert verdict.verdicts("passed") == ["POLL-002"]
    assert f"{url} refuses connections" in verdict.notes


def test_a_deployment_is_gone_when_none_of_its_urls_answers() -> None:
    """One that drains, or takes connections and says nothing, does not speak for the others."""

    class Adapter:
        serving: frozenset[str] = frozenset()

        async def ping(self, vantage: Vantage) -> Any:
            if vantage.url.endswith("refuses"):
                raise TargetUnreachable("refused")
            return SimpleNamespace(answered=vantage.url in self.serving)

    adapter = Adapter()
    urls = ("http://drains", "http://h/refuses", "http://serves")
    fleet = SimpleNamespace(addresses=SimpleNamespace(urls=urls))
    system = cast(System, SimpleNamespace(adapter=adapter, fleet=fleet))

    assert not asyncio.run(System.healthy(system))
    adapter.serving = frozenset({"http://serves"})
    assert asyncio.run(System.healthy(system))
