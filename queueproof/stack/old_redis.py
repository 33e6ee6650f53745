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

OLD_MAJOR = 5

_VERSION = re.compile(rb"((?:redis_|valkey_)version:|version\r\n\$\d+\r\n)(\d+)(?=\.)")
_CHUNK = 1 << 16


class OldRedis:
    """Listens on loopback in front of the server at `port_of_real`."""

    def __init__(self, port_of_real: int) -> None:
        self._port_of_real = port_of_real
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.rewritten = 0

    async def start(self) -> None:
        """Begin to listen; `port` then says where."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            from_real, to_real = await asyncio.open_connection("127.0.0.1", self._port_of_real)
            try:
                await self._relay(reader, writer, from_real, to_real)
            finally:
                to_real.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        from_real: asyncio.StreamReader,
        to_real: asyncio.StreamWriter,
    ) -> None:
        ways = [
            asyncio.create_task(_pass_on(reader, to_real)),
            asyncio.create_task(self._pass_back(from_real, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

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


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()


def _older(found: re.Match[bytes]) -> bytes:
    return found[1] + str(OLD_MAJOR).encode().rjust(len(found[2]), b"0")
