"""A middleware that compresses answers for those who take that (`gzip`), as many servers do.

Variants of both references are made of it: harmless where it flushes after every piece, broken
where what a client shall see now waits for what is said next.
"""

from __future__ import annotations

import zlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GZIP = 16 + zlib.MAX_WBITS
#: A stream of events has no length; what has one is sent as it is.
_SIZED = b"content-length"


class Compressing:
    """Compresses bodies without a length; `flushes` after each piece of one."""

    def __init__(self, app: ASGIApp, *, flushes: bool) -> None:
        self._app = app
        self._flushes = flushes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        packer = zlib.compressobj(wbits=_GZIP)
        packs = False

        async def pack(message: Message) -> None:
            nonlocal packs
            if message["type"] == "http.response.start":
                packs = _SIZED not in dict(message["headers"])
                coding = [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
                message = {**message, "headers": [*message["headers"], *(coding if packs else ())]}
            elif packs:
                message = {**message, "body": self._packed(packer, message)}
            await send(message)

        await self._app(scope, receive, pack if _takes_gzip(scope) else send)

    def _packed(self, packer: zlib._Compress, message: Message) -> bytes:
        body = packer.compress(message.get("body", b""))
        if not message.get("more_body", False):
            return body + packer.flush()
        return body + packer.flush(zlib.Z_SYNC_FLUSH) if self._flushes else body


def _takes_gzip(scope: Scope) -> bool:
    asked = dict(scope.get("headers", ())).get(b"accept-encoding", b"")
    return scope["type"] == "http" and b"gzip" in asked
