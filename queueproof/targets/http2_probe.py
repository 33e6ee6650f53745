"""Whether a server that does not answer HTTP/1.1 speaks HTTP/2: then it wants that alone."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

_WITHIN_S = 3.0
#: RFC 9113, 3.4: the client's preface, and an empty SETTINGS frame after it.
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_FRAME_HEAD, _SETTINGS, _AT = 9, 4, 3


async def speaks_http2(url: str) -> bool:
    """Whether it begins to, asked once on a connection of its own; False where nobody answers."""
    parts = urlsplit(url)
    context = _context() if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(_WITHIN_S):
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
            try:
                writer.write(_PREFACE)
                head = await reader.readexactly(_FRAME_HEAD)
                return head[_AT] == _SETTINGS
            finally:
                writer.close()
    return False


def _context() -> ssl.SSLContext:
    """Nothing is sent that anybody may not know, so anybody may be at the other end."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context
