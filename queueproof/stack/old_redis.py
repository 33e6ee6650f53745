"""A Redis that says it is older than it is: a proxy that rewrites one digit and nothing else.

No package registry carries a Redis 5. What a client can learn of a server's age is the version
in the replies to INFO and HELLO, so these are rewritten, equally long, in front of a real
server; every other byte passes as it came. A reply ends in CRLF, so bytes are held back until
one does, and a version is never cut in two.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from queueproof.stack.loopback_front import LoopbackFront, until_one_ends

OLD_MAJOR = 5

_VERSION = re.compile(rb"((?:redis_|valkey_)version:|version\r\n\$\d+\r\n)(\d+)(?=\.)")
_CHUNK = 1 << 16


class OldRedis(LoopbackFront):
    """Listens on loopback in front of the server at `port_of_real`."""

    def __init__(self, port_of_real: int) -> None:
        super().__init__()
        self._port_of_real = port_of_real
        self.rewritten = 0

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_real, to_real = await asyncio.open_connection("127.0.0.1", self._port_of_real)
        try:
            await until_one_ends(_pass_there(reader, to_real), self._pass_back(from_real, writer))
        finally:
            to_real.close()

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = b""
        while chunk := await reader.read(_CHUNK):
            held += chunk
            if held.endswith(b"\r\n"):
                held, count = _VERSION.subn(_older, held)
                self.rewritten += count
                writer.write(held)
                await writer.drain()
                held = b""


@asynccontextmanager
async def pretending_to_be_old(port_of_real: int) -> AsyncIterator[OldRedis]:
    """An OldRedis for the body's duration."""
    front = OldRedis(port_of_real)
    await front.start()
    try:
        yield front
    finally:
        await front.stop()


async def _pass_there(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()


def _older(found: re.Match[bytes]) -> bytes:
    return found[1] + str(OLD_MAJOR).encode().rjust(len(found[2]), b"0")
