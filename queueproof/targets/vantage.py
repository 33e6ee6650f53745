"""A vantage: an HTTP client with exactly one kept-alive connection.

A server's kept-alive connection stays on one worker process. So a client that can only ever hold
one connection is a fixed point of view on one worker, for as long as that connection lives; its
local port tells whether it still is the same one. A front that balances requests breaks this:
whether it holds is seen by asking several times (`pinning.py`), and every answer says, as far as
can be known, who gave it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

from queueproof.targets.in_front import note_answer
from queueproof.targets.transports import client_options, cookies_to

_LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "queueproof"}
#: So many of them are kept; each job has some of its own.
_ADDRESSES = 200
#: How a JSON web token begins: a login's or an access proxy's, which pins nothing.
_SIGNED = "eyJ"


class Vantage:
    """One connection's view of a deployment at `url`.

    Where a response header names the worker (`worker_header`), every answer sorts the vantage.
    `answered_by` is the worker that gave the last answer, None where that is not known.

    Cookies are forgotten, for a login's would speak for its user ever after, except those that
    come with the first answer to a GET and are no token: by these a front holds a client to one
    server. What else a front wants of every request is declared (`transports.py`).
    """

    def __init__(self, url: str, *, worker_header: str = "") -> None:
        self.url = url
        self.worker_header = worker_header
        self.port: int | None = None
        self.worker: str | None = None
        self.answered_by: str | None = None
        self.hint_header = ""
        self.hint: str | None = None
        self.reopened = False
        self.last_used_s = 0.0
        self._addresses: dict[tuple[Any, ...], httpx.URL] = {}
        self._affinity: dict[str, str] | None = None
        self._cookies = cookies_to(url)
        options = client_options(url)
        self.client = httpx.AsyncClient(
            **{**options, "headers": {**_HEADERS, **options["headers"]}},
            base_url=url,
            limits=_LIMITS,
            timeout=httpx.Timeout(10.0),
            follow_redirects=False,
            event_hooks={"request": [self._add_cookies] if self._cookies else []},
        )

    def address(self, path: str, query: Mapping[str, Any] | None = None) -> httpx.URL:
        """Where a request for `path` goes; made once, for that takes a sixth of a request's time.

        Raises httpx.InvalidURL and UnicodeEncodeError for what is no address.
        """
        key = (path, *(query or {}).items())
        made = self._addresses.get(key)
        if made is None:
            if len(self._addresses) == _ADDRESSES:
                self._addresses.clear()
            made = self.client.build_request("GET", path, params=query).url
            self._addresses[key] = made
        return made

    def saw(self, response: httpx.Response, *, by_front: bool = False) -> None:
        """Note which connection carried `response`; a reopened one is unsorted again.

        An answer `by_front`, given in the target's place, comes from no worker, whatever its
        headers say.
        """
        self.last_used_s = time.monotonic()
        note_answer(self.url, response.headers)
        self._keep_affinity(response)
        carried = _local_port(response)
        fresh = self.port is None
        self.reopened = None not in (carried, self.port) and carried != self.port
        header = "" if by_front else self.worker_header
        named = response.headers.get(header) if header else None
        self.answered_by = named or (None if fresh or self.reopened or by_front else self.worker)
        self.hint = response.headers.get(self.hint_header) if self.hint_header else None
        port = None if _is_last(response) else carried
        if port != self.port:
            self.port, self.worker = port, None
        if header and port is not None:
            self.worker = named

    def _keep_affinity(self, response: httpx.Response) -> None:
        given = {
            cookie.name: cookie.value or ""
            for cookie in self.client.cookies.jar
            if not (cookie.value or "").startswith(_SIGNED)
        }
        self.client.cookies.clear()
        if self._affinity is None and response.request.method != "GET":
            # A session may begin with this: a login is a POST.
            return
        if self._affinity is None:
            self._affinity = given
            if given:
                self.client.event_hooks = {"request": [self._add_cookies], "response": []}
        else:
            self._affinity |= {name: v for name, v in given.items() if name in self._affinity}

    async def _add_cookies(self, request: httpx.Request) -> None:
        pinning = [f"{name}={value}" for name, value in (self._affinity or {}).items()]
        all_of_them = [request.headers.get("cookie", ""), self._cookies, *pinning]
        request.headers["cookie"] = "; ".join(filter(None, all_of_them))

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
