"""A Redis that calls itself old, and one that speaks TLS."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from queueproof.config.redis_url import trusting_ca
from queueproof.errors import UsageError
from queueproof.stack.certificates import make_certificates
from queueproof.stack.old_redis import NEW_MAJOR, OLD_MAJOR, pretending_version
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.redis_view import RedisView


@pytest.fixture
def binary() -> str:
    try:
        return find_redis_binary()
    except UsageError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("major", [OLD_MAJOR, NEW_MAJOR])
@pytest.mark.parametrize("protocol", [2, 3])
def test_a_client_sees_another_major_version_and_nothing_else_changed(
    binary: str, protocol: int, major: int
) -> None:
    async def ask() -> tuple[dict[str, str], dict[str, str], bytes]:
        server = RedisServer(binary)
        await server.start()
        try:
            async with pretending_version(server.port, major=major) as front:
                direct, old = (
                    Redis(port=port, protocol=protocol) for port in (server.port, front.port)
                )
                async with direct, old:
                    await old.set("key", "redis_version is 7 or version 7")
                    return (
                        await direct.info("server"),
                        await old.info("server"),
                        await old.get("key"),
                    )
        finally:
            await server.close()

    direct, old, value = asyncio.run(ask())

    version, told = str(direct["redis_version"]), str(old["redis_version"])
    assert int(told.split(".")[0]) == major
    assert len(told) == len(version)
    if major < 10:
        assert told.split(".")[1:] == version.split(".")[1:]
    assert old["run_id"] == direct["run_id"]
    assert value == b"redis_version is 7 or version 7"


def test_the_servers_certificate_is_valid_for_loopback(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    client = ssl.create_default_context(cafile=str(made.authority))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)

    async def shake_hands() -> str:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        listener = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=server)
        port = listener.sockets[0].getsockname()[1]
        async with listener:
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
            version = writer.get_extra_info("ssl_object").version()
            writer.close()
            return str(version)

    assert asyncio.run(shake_hands()).startswith("TLS")


@pytest.mark.parametrize("named", [True, False], ids=["named", "not named"])
def test_a_redis_with_a_certificate_of_ones_own_is_reached_where_the_authority_is_named(
    named: bool, tmp_path: Path
) -> None:
    """By `ca` alone; else the certificate is called not trusted, and nothing is a wrong port."""
    made = make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)

    async def reached() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.read(65536):
                writer.write(b"+PONG\r\n")

        listener = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        url = f"rediss://127.0.0.1:{listener.sockets[0].getsockname()[1]}/0?protocol=2"
        view = RedisView(trusting_ca(url, str(made.authority) if named else ""))
        try:
            client = view.client()
            with suppress(ResponseError):
                await client.ping()
        finally:
            await view.close()
            listener.close()

    if named:
        asyncio.run(reached())
    else:
        with pytest.raises(RedisConnectionError, match=r"(?i)certificate"):
            asyncio.run(reached())
