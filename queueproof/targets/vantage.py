"""A vantage: an HTTP client with exactly one kept-alive connection.

One kept-alive connection stays on one worker process. So a client that can only ever hold one
connection is a fixed point of view on one worker, for as long as that connection lives; its
local port tells whether it still is the same one.
"""

from __future__ import annotations

import ssl
import time
from functools import cache
from typing import Any

import httpx

_LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "queueproof"}


class Vantage:
    """One connection's view of a deployment at `url`.

    Where a response header names the worker (`worker_header`), every answer sorts the vantage.
    """

    def __init__(self, url: str, *, worker_header: str = "") -> None:
        self.url = url
        self.worker_header = worker_header
        self.port: int | None = None
        self.worker: str | None = None
        self.last_used_s = 0.0
        self.client = httpx.AsyncClient(
            base_url=url,
            limits=_LIMITS,
            headers=_HEADERS,
            verify=_tls_context(),
            trust_env=False,
            timeout=httpx.Timeout(10.0),
            follow_redirects=False,
        )

    def saw(self, response: httpx.Response) -> None:
        """Note which connection carried `response`; a reopened one is unsorted again."""
        self.last_used_s = time.monotonic()
        self.client.cookies.clear()
        port = None if _is_last(response) else _local_port(response)
        if port != self.port:
            self.port, self.worker = port, None
        if self.worker_header and port is not None:
            self.worker = response.headers.get(self.worker_header)

    @property
    def idle_s(self) -> float:
        """Seconds since the last response."""
        return time.monotonic() - self.last_used_s

    async def close(self) -> None:
        """Close the connection; the vantage is of no more use."""
        await self.client.aclose()


def _is_last(response: httpx.Response) -> bool:
    """Whether the server closes the connection behind this answer."""
    return "close" in response.headers.get("connection", "").lower()


def _local_port(response: httpx.Response) -> int | None:
    """The connection's local port; None when the server has closed it already."""
    stream = response.extensions.get("network_stream")
    try:
        address: Any = stream.get_extra_info("client_addr") if stream is not None else None
    except OSError:
        return None
    return int(address[1]) if address else None


@cache
def _tls_context() -> ssl.SSLContext:
    """One context for all vantages: loading the system's certificates takes 20 ms each time."""
    return ssl.create_default_context()
