"""A front that repeats to its clients whatever they tell it: in headers, bodies, errors, events.

Real targets do that with debug pages, validation errors and tracing headers. It forwards to a
server that works, takes made-up tokens for that server's own, and answers some requests with an
error of its own, so that something fails and is quoted.
"""

from __future__ import annotations

import http.client
import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

_HOP = ("transfer-encoding", "content-length", "connection", "date", "server")
_EVERY = 4


@contextmanager
def echoing(port: int, tokens: Mapping[str, str], *, fails: bool = True) -> Iterator[str]:
    """Serve in front of the server at `port` of loopback; the URL.

    `tokens` are the made-up ones, each with the server's own that it stands for. Without `fails`
    it repeats, and breaks nothing.
    """
    numbers = count()

    class Front(_Front):
        behind = port
        known = tokens
        breaks = fails

        def turn(self) -> int:
            return next(numbers)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behind: int
    known: Mapping[str, str]
    breaks: bool

    def turn(self) -> int:
        """Which request this is."""
        raise NotImplementedError

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = {
            "headers": dict(self.headers.items()),
            "path": self.path,
            "body": body.decode("utf-8", "replace"),
        }
        try:
            if self.breaks and "/events" in self.path and self.turn() % _EVERY == 1:
                self._answer(500, [], json.dumps({"detail": f"Traceback: {said}"}).encode())
            else:
                self._forward(body, said)
        except OSError:
            self.close_connection = True

    do_POST = do_DELETE = do_PATCH = do_PUT = do_GET  # noqa: N815  (named by the library)

    def _forward(self, body: bytes, said: dict[str, Any]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=60)
        try:
            link.request(self.command, self.path, body or None, self._headers_behind())
            # A reader that leaves in mid-stream leaves the answer open, and with it the socket.
            with closing(link.getresponse()) as answer:
                kept = [pair for pair in answer.getheaders() if pair[0].lower() not in _HOP]
                if answer.getheader("Transfer-Encoding") == "chunked":
                    self._stream(answer, kept, said)
                else:
                    whole = self._with(answer.read(), said, answer.status)
                    self._answer(answer.status, kept, whole)
        finally:
            link.close()

    def _headers_behind(self) -> dict[str, str]:
        headers = {name: v for name, v in self.headers.items() if name.lower() not in _HOP}
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if token in self.known:
            headers["Authorization"] = f"Bearer {self.known[token]}"
        return headers

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._head(status, headers)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(
        self, answer: http.client.HTTPResponse, headers: list[tuple[str, str]], said: dict[str, Any]
    ) -> None:
        self._head(answer.status, headers)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while line := answer.readline():
            text = self._with(line, said, answer.status) if line.strip() else line
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.write(b"0\r\n\r\n")

    def _with(self, text: bytes, said: dict[str, Any], status: int) -> bytes:
        """An answer or one event of it, with what was said in it too; an end becomes an error."""
        try:
            body = json.loads(text)
        except ValueError:
            return text
        if not isinstance(body, dict):
            return text
        if status >= 400:
            body["detail"] = f"{body.get('detail')}: {said}"
        if isinstance(body.get("data"), dict):
            body["data"]["echo"] = said
            if self.breaks and body.get("event") == "end":
                body = {"event": "error", "data": {"text": f"failed with {said}", "echo": said}}
        body["echo"] = said
        return json.dumps(body).encode() + (b"\n" if text.endswith(b"\n") else b"")

    def _head(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        told = self.headers.get("Authorization") or self.headers.get("Cookie") or "nothing"
        self.send_header("X-Echo", told)
        self.send_header("Set-Cookie", f"echo={told.rpartition(' ')[2]}; Path=/")

    def log_message(self, *arguments: object) -> None:
        """Quiet."""
