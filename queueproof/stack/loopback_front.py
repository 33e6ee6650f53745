"""A server of ours on loopback, in front of another: each connection is passed on to one behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

_CHUNK = 1 << 16


class LoopbackFront:
    """To be derived from: `_pass_on` says what becomes of one connection.

    It listens at `host`, an address of the loopback network.
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen; `port` then says where."""
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until its connection is over; it is closed behind this."""
        raise NotImplementedError

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.CancelledError):
            try:
                await self._pass_on(reader, writer)
            finally:
                writer.close()


class OtherAddress(LoopbackFront):
    """What listens at `port_of_real` of 127.0.0.1, at an address that no name of this host has.

    `start` raises OSError where the loopback network has but one address.
    """

    host = "127.0.0.2"

    def __init__(self, port_of_real: int) -> None:
        super().__init__()
        self._port_of_real = port_of_real

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_real, to_real = await asyncio.open_connection("127.0.0.1", self._port_of_real)
        try:
            await until_one_ends(passed(reader, to_real), passed(from_real, writer))
        finally:
            to_real.close()


@asynccontextmanager
async def other_address(port_of_real: int) -> AsyncIterator[OtherAddress]:
    """An OtherAddress for the body's duration."""
    front = OtherAddress(port_of_real)
    await front.start()
    try:
        yield front
    finally:
        await front.stop()


async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, until its end."""
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()


async def until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    """Run both ways of a connection; when one is over, so is the other."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
