"""A Redis that says it is older or newer than it is: a proxy that rewrites its version and nothing
else.

No package registry carries a Redis 5, or 10. What a client can learn of a server's age is the
version in the replies to INFO and HELLO, so these are rewritten, equally long, in front of a real
server; every other byte passes as it came. A reply ends in CRLF, so bytes are held back until
one does, and a version is never cut in two.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from queueproof.stack.loopback_front import LoopbackFront, passed, until_one_ends

OLD_MAJOR, NEW_MAJOR = 5, 10

_VERSION = re.compile(rb"((?:redis_|valkey_)version:|version\r\n\$\d+\r\n)(\d+)((?:\.\d+)+)")
_CHUNK = 1 << 16


class AgedRedis(LoopbackFront):
    """Listens on loopback in front of the server at `port_of_real`, as one of version `major`."""

    def __init__(self, port_of_real: int, *, major: int = OLD_MAJOR) -> None:
        super().__init__()
        self._port_of_real = port_of_real
        self._major = major
        self.rewritten = 0

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_real, to_real = await asyncio.open_connection("127.0.0.1", self._port_of_real)
        try:
            await until_one_ends(passed(reader, to_real), self._pass_back(from_real, writer))
        finally:
            to_real.close()

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = b""
        while chunk := await reader.read(_CHUNK):
            held += chunk
            if held.endswith(b"\r\n"):
                held, count = _VERSION.subn(self._aged, held)
                self.rewritten += count
                writer.write(held)
                await writer.drain()
                held = b""

    def _aged(self, found: re.Match[bytes]) -> bytes:
        name, major, minor = found.groups()
        version = str(self._major).encode().rjust(len(major), b"0") + minor
        # A longer number takes the place of what stood behind it; no version ends in a point.
        cut = version[: len(major) + len(minor)]
        return bytes(name + (cut[:-1] + b"0" if cut.endswith(b".") else cut))


@asynccontextmanager
async def pretending_version(
    port_of_real: int, *, major: int = OLD_MAJOR
) -> AsyncIterator[AgedRedis]:
    """An AgedRedis for the body's duration."""
    front = AgedRedis(port_of_real, major=major)
    await front.start()
    try:
        yield front
    finally:
        await front.stop()
