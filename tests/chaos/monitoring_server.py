"""A server that answers as Prometheus does with what it is told, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from queueproof.chaos.steady_state import SteadyState

LENGTH = SteadyState(query="max(queue_length)", at_most=10.0, lag_s=0.0)
NOWHERE = "http://127.0.0.1:9"


class Monitoring(HTTPServer):
    """Answers every query with `answer`, and keeps what it was asked."""

    answer: Any = None
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        self.logins: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def tell(self, *values: str) -> None:
        """A vector with a series for each of these."""
        rows = [{"metric": {"n": str(n)}, "value": [1.5, v]} for n, v in enumerate(values)]
        self.answer = {"status": "success", "data": {"resultType": "vector", "result": rows}}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Monitoring)
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.asked.append((self.path, parse_qs(body)["query"][0]))
        self.server.logins.append(self.headers.get("authorization", ""))
        answer = self.server.answer
        told = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def serving() -> Iterator[Monitoring]:
    with Monitoring() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def monitoring() -> Iterator[Monitoring]:
    with serving() as server:
        yield server
