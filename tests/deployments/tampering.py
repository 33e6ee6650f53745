"""A front that changes what passes, or answers in the target's place, as a test says.

Firewalls, gateways that reload, limits and compressing proxies do; here each is a few lines, so
that one gate can meet several of them.
"""

from __future__ import annotations

import http.client
import http.server
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

_HOP = ("transfer-encoding", "content-length", "connection")
#: Status, headers and body of an answer.
Answer = tuple[int, Mapping[str, str], bytes]
#: From path and body of a request to the front's own answer, if it gives one.
Asked = Callable[[str, bytes], "Answer | None"]


@dataclass(frozen=True, kw_only=True)
class Tampering:
    """What it does.

    own      answers in the target's place
    headers  set on every answer, in the place of the target's
    pack     what becomes of every piece of a body
    """

    own: Asked = lambda *_: None
    headers: Mapping[str, str] = field(default_factory=dict)
    pack: Callable[[bytes], bytes] = bytes

    @contextmanager
    def before(self, ports: Sequence[int]) -> Iterator[str]:
        """Serve in front of servers at these ports, in turn; the URL."""
        turns = itertools.cycle(ports)

        class Handler(_Handler):
            front = self

            def turn(self) -> int:
                return next(turns)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: Tampering

    def turn(self) -> int:
        """The port of the server whose turn it is."""
        raise NotImplementedError

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        own = self.front.own(self.path, body)
        try:
            if own is not None:
                status, headers, page = own
                self._head(status, {**headers, "Content-Length": str(len(page))})
                self.wfile.write(page)
            else:
                self._forward(body)
        except (OSError, http.client.HTTPException):
            self.close_connection = True

    do_POST = do_DELETE = do_PATCH = do_PUT = do_GET  # noqa: N815  (named by the library)

    def _forward(self, body: bytes) -> None:
        asked = {name: v for name, v in self.headers.items() if name.lower() not in _HOP}
        link = http.client.HTTPConnection("127.0.0.1", self.turn(), timeout=60)
        try:
            link.request(self.command, self.path, body or None, asked)
            # A reader that leaves in mid-stream leaves the answer open, and with it the socket.
            with closing(link.getresponse()) as answer:
                replaced = (*_HOP, *(name.lower() for name in self.front.headers))
                kept = {name: v for name, v in answer.getheaders() if name.lower() not in replaced}
                chunked = {"Transfer-Encoding": "chunked"} if answer.status != 204 else {}
                self._head(answer.status, {**kept, **self.front.headers, **chunked})
                while chunked and (piece := answer.read1(65536)):
                    packed = self.front.pack(piece)
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(packed), packed))
                if chunked:
                    self.wfile.write(b"0\r\n\r\n")
        finally:
            link.close()

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""
