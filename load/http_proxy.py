"""An HTTP proxy between the generator and a target: absolute requests, or a tunnel for TLS."""

from __future__ import annotations

import base64
from urllib.parse import unquote, urlsplit

from gevent import socket

_BLOCK = 4096
_LONGEST_HEAD = 65_536


class HttpProxy:
    """One proxy by its URL, with the credentials in it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.address = (parts.hostname or "", parts.port or 80)
        self.headers: dict[str, str] = {}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            encoded = base64.b64encode(pair.encode()).decode()
            self.headers["Proxy-Authorization"] = f"Basic {encoded}"

    def tunnel(self, connection: socket.socket, to: tuple[str, int]) -> None:
        """Make a connection to the proxy one that leads through to host and port.

        Raises OSError where the proxy does not.
        """
        host = f"[{to[0]}]" if ":" in to[0] else to[0]
        lines = [f"CONNECT {host}:{to[1]} HTTP/1.1", f"Host: {host}:{to[1]}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD:
            block = connection.recv(_BLOCK)
            if not block:
                raise OSError("the proxy closed the connection")
            head += block
        status = head.split(b"\r\n", 1)[0].decode("latin-1")
        if status.split(" ", 2)[1:2] != ["200"]:
            raise OSError(f"the proxy answered {status!r}")
