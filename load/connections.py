"""HTTP for a generator: as little work a request as can be, and no second try unseen.

A pool of kept-alive connections over gevent sockets, parsed by the same C parser that locust's
own fast client uses. What that client does besides (cookies, redirects, retries, decompression)
costs as much again, and a retry would hide from the figures what a user would have seen. A redirect
that only adds or drops a slash is followed: it is part of the answer's time.
"""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gevent import Timeout, socket
from gevent import ssl as gevent_ssl
from geventhttpclient.response import HTTPParseError, HTTPResponse

from load.http_proxy import HttpProxy
from queueproof.load.records import NO_CONNECTION
from queueproof.load.run_spec import RunSpec
from queueproof.trust import trusting

_IDLE_S = 1.0  # the shortest keep-alive that a target is known to have is two seconds
_BLOCK = 65_536
_CONNECT_S = 10.0
_SAME_METHOD = (307, 308)
_WORDS_LIMIT = 120


class Trouble(Exception):
    """No whole answer came; `kind` is `refused`, `late`, `lost` or `garbled`."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


@dataclass(frozen=True)
class Said:
    """A whole answer, or the trouble that came instead; `status` is then None."""

    status: int | None = None
    body: bytes = b""
    trouble: Trouble | None = None

    @property
    def ok(self) -> bool:
        """Whether it is a success, by whichever number."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def words(self) -> str:
        """What it says, in one short line."""
        if self.trouble is not None:
            return str(self.trouble)
        return " ".join(self.body.decode("utf-8", "replace").split())[:_WORDS_LIMIT]


def header_lines(headers: Mapping[str, str]) -> str:
    """Headers as a request carries them."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


class _Answer(HTTPResponse):
    """An answer while it comes in; its body as the chunks that came."""

    def __init__(self) -> None:
        super().__init__()
        self.chunks: deque[bytes] = deque()

    def _on_body(self, buf: bytearray) -> None:
        self.chunks.append(bytes(buf))


@dataclass(frozen=True, kw_only=True)
class WayIn:
    """What stands between the generator and a target; `authorities` are certificates (PEM)."""

    headers: Mapping[str, str] = field(default_factory=dict)
    authorities: str = ""
    proxy: str = ""

    @classmethod
    def of(cls, spec: RunSpec) -> WayIn:
        """As the spec has it."""
        return cls(headers=spec.headers, authorities=spec.authorities, proxy=spec.proxy)


class Pool:
    """Connections to one or several addresses of a target, which take turns."""

    def __init__(self, urls: tuple[str, ...], way_in: WayIn = WayIn()) -> None:
        self._places = deque(_Place(url, way_in) for url in urls)
        self.opened = 0

    def ask(
        self, method: str, path: str, *, headers: str = "", body: bytes = b"", within_s: float
    ) -> Said:
        """One request and its whole answer; `headers` are lines as `header_lines` makes them."""
        try:
            with self.open(method, path, headers=headers, body=body, within_s=within_s) as answer:
                return Said(answer.status, b"".join(answer.chunks()))
        except Trouble as trouble:
            return Said(trouble=trouble)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        for place in self._places:
            place.close()

    def open(
        self, method: str, path: str, *, headers: str = "", body: bytes = b"", within_s: float
    ) -> Opened:
        """One request and its answer as far as the headers; `within_s` bounds all of it."""
        place = self._places[0]
        self._places.rotate(-1)

        def request(at: str) -> bytes:
            return place.request(method, at, headers, body)

        return Opened(self, place, request, path, within_s)


class Opened:
    """An answer that is being read; to be used as a context, which gives its connection back."""

    def __init__(
        self,
        pool: Pool,
        place: _Place,
        request: Callable[[str], bytes],
        path: str,
        within_s: float,
    ) -> None:
        self._pool = pool
        self._place = place
        self._request = request
        self._path = path
        self._within_s = within_s
        self._late_at_s = time.monotonic() + within_s
        self._answer = _Answer()
        self._socket: socket.socket | None = None

    @property
    def status(self) -> int:
        """The status code."""
        return int(self._answer.status_code)

    def header(self, name: str) -> str:
        """A header's value; empty without one."""
        return str(self._answer.get(name) or "")

    def allow(self, within_s: float) -> None:
        """From now on the rest of the answer may take so long."""
        self._late_at_s = time.monotonic() + within_s

    def __enter__(self) -> Opened:
        try:
            with _bounded(self._within_s):
                self._ask(self._path)
                if leads_to := self._slash_redirect():
                    self._drop()
                    self._answer = _Answer()
                    self._ask(leads_to)
        except BaseException:
            self._drop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is None:
            return
        if self._answer.message_complete and not self._answer.should_close():
            self._place.put(self._socket)
            self._socket = None
        else:
            self._drop()

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes; raises Trouble when it ends before it is whole."""
        chunks = self._answer.chunks
        while True:
            while chunks:
                yield chunks.popleft()
            if self._answer.message_complete or self._socket is None:
                return
            with _bounded(self._late_at_s - time.monotonic()):
                self._receive()

    def _ask(self, path: str) -> None:
        self._send(self._request(path))
        while not self._answer.headers_complete:
            self._receive()

    def _slash_redirect(self) -> str:
        """The path with or without a slash at its end, where the answer redirects to just that."""
        if self.status not in _SAME_METHOD:
            return ""
        leads_to = urlsplit(self.header("location"))
        path, _, query = self._path.partition("?")
        own = f"{self._place.prefix}{path}"
        if leads_to.netloc not in ("", self._place.netloc) or leads_to.path == own:
            return ""
        if leads_to.path.rstrip("/") != own.rstrip("/"):
            return ""
        there = leads_to.path.removeprefix(self._place.prefix)
        return f"{there}?{query}" if query else there

    def _send(self, request: bytes) -> None:
        self._socket = self._place.take()
        if self._socket is None:
            self._pool.opened += 1
            self._socket = self._place.connect()
        try:
            self._socket.sendall(request)
        except OSError as error:
            raise Trouble("lost", f"connection lost: {error}") from error

    def _receive(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(_BLOCK)
        except OSError as error:
            raise Trouble("lost", f"connection lost: {error}") from error
        try:
            if data:
                self._answer.feed(data)
                return
            self._answer.feed(b"")  # tells the parser that the connection has ended
        except HTTPParseError as error:
            raise Trouble("garbled", f"not HTTP: {error}") from error
        if not self._answer.message_complete:
            raise Trouble("lost", "connection closed before the answer was whole")

    def _drop(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None


class _Place:
    """One address with its idle connections, the last used on top."""

    def __init__(self, url: str, way_in: WayIn) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self._address = (parts.hostname or "", parts.port or (443 if secure else 80))
        self._tls = _tls(way_in.authorities) if secure else None
        self._proxy = HttpProxy(way_in.proxy) if way_in.proxy else None
        self.prefix, self.netloc = parts.path.rstrip("/"), parts.netloc
        self._start = f"{parts.scheme}://{self.netloc}" if self._proxy and not secure else ""
        front = {name.title(): value for name, value in way_in.headers.items()}
        self._cookie = front.pop("Cookie", "")
        fixed = {
            "Host": parts.netloc,
            "User-Agent": "queueproof-load",
            "Accept-Encoding": "identity",
            **(self._proxy.headers if self._proxy and not secure else {}),
            **front,
        }
        self._fixed = header_lines(fixed)
        self._idle: list[tuple[socket.socket, float]] = []

    def request(self, method: str, path: str, headers: str, body: bytes) -> bytes:
        """The request's bytes."""
        head = f"{method} {self._start}{self.prefix}{path} HTTP/1.1\r\n{self._fixed}"
        head += self._with_cookie(headers) if self._cookie else headers
        if body and "content-type:" not in headers.lower():
            head += "Content-Type: application/json\r\n"
        if body:
            head += f"Content-Length: {len(body)}\r\n"
        elif method in ("POST", "PUT"):
            head += "Content-Length: 0\r\n"
        return head.encode("latin-1") + b"\r\n" + body

    def take(self) -> socket.socket | None:
        """An idle connection that the target has no reason to have closed."""
        fresh_s = time.monotonic() - _IDLE_S
        while self._idle:
            connection, used_s = self._idle.pop()
            if used_s > fresh_s:
                return connection
            connection.close()
        return None

    def put(self, connection: socket.socket) -> None:
        """Keep a connection for the next request."""
        self._idle.append((connection, time.monotonic()))

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop()[0].close()

    def connect(self) -> socket.socket:
        """A new connection; raises Trouble."""
        there = self._proxy.address if self._proxy else self._address
        connection = None
        try:
            connection = socket.create_connection(there, timeout=_CONNECT_S)
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._secured(connection)
        except (OSError, ssl.SSLError) as error:
            if connection is not None:
                connection.close()
            raise Trouble("refused", f"{NO_CONNECTION}: {error}") from error

    def _secured(self, connection: socket.socket) -> socket.socket:
        """The connection as requests go over it."""
        if self._tls is None:
            return connection
        if self._proxy is not None:
            self._proxy.tunnel(connection, self._address)
        return self._tls.wrap_socket(connection, server_hostname=self._address[0])

    def _with_cookie(self, headers: str) -> str:
        """A request has one Cookie header, the front's and its user's in one."""
        if "Cookie: " in headers:
            return headers.replace("Cookie: ", f"Cookie: {self._cookie}; ", 1)
        return f"{headers}Cookie: {self._cookie}\r\n"


def _tls(authorities: str) -> ssl.SSLContext:
    return trusting(gevent_ssl.create_default_context(), authorities)


class _bounded:  # noqa: N801  (used like a function)
    """Bounds the body to so many seconds; raises Trouble when they are over."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._timer = Timeout(max(within_s, 0.001))

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._timer.close()
        if error is self._timer:
            raise Trouble("late", f"no answer within {self._within_s:.1f} s") from None
