"""A server on loopback in front of another: its connections, their two ways, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from queueproof.stack.loopback_front import LoopbackFront, other_address, until_one_ends


class Echo(LoopbackFront):
    """Says everything again; `goodbye` ends a connection from here, `lost` loses it."""

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line == b"lost\n":
                raise ConnectionResetError
            if line == b"goodbye\n":
                return
            writer.write(line)
            await writer.drain()


def with_echo(
    scenario: Callable[[Echo, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    async def run() -> None:
        front = Echo()
        assert front.port == 0
        await front.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        try:
            async with asyncio.timeout(5):
                await scenario(front, reader, writer)
        finally:
            writer.close()
            await front.stop()

    asyncio.run(run())


def test_what_a_client_sends_is_passed_on() -> None:
    async def talk(_: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"

    with_echo(talk)


@pytest.mark.parametrize("word", [b"goodbye\n", b"lost\n"])
def test_a_connection_that_is_over_is_closed_and_forgotten(word: bytes) -> None:
    async def talk(front: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(word)
        assert await reader.read() == b""
        await asyncio.sleep(0)
        assert front._tasks == set()

    with_echo(talk)


def test_a_front_that_stops_drops_its_connections_and_listens_no_more() -> None:
    async def talk(front: Echo, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        await reader.readline()
        await front.stop()
        assert await reader.read() == b""
        with pytest.raises(OSError, match="Connect"):
            await asyncio.open_connection("127.0.0.1", front.port)

    with_echo(talk)


def test_one_that_never_began_has_nothing_to_stop() -> None:
    asyncio.run(Echo().stop())


@pytest.mark.parametrize("error", [None, ConnectionResetError()])
def test_when_one_way_is_over_so_is_the_other(error: Exception | None) -> None:
    told = []

    async def ends() -> None:
        if error:
            raise error

    async def goes_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            told.append("over")

    async def run() -> None:
        await until_one_ends(goes_on(), ends())
        assert told == ["over"]

    asyncio.run(run())


def test_another_address_leads_to_a_port_that_is_not_its_own() -> None:
    async def run() -> bytes:
        echo = Echo()
        await echo.start()
        try:
            async with asyncio.timeout(5), other_address(echo.port) as front:
                reader, writer = await asyncio.open_connection(front.host, front.port)
                with pytest.raises(ConnectionRefusedError):
                    await asyncio.open_connection("127.0.0.1", front.port)
                writer.write(b"there\n")
                said = await reader.readline()
                writer.close()
                return said
        finally:
            await echo.stop()

    assert asyncio.run(run()) == b"there\n"
