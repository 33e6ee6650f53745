"""Connections of scripts: used again, checked before, and closed when nobody needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import redis.asyncio as aredis

from reference_impl.fast import script_connections
from reference_impl.fast.script_connections import QuickScripts
from reference_impl.store.redis_client import PooledScripts, Scripts

Body = Callable[[Scripts, aredis.Redis], Awaitable[None]]
Kind = type[QuickScripts] | type[PooledScripts]

both_ways = pytest.mark.parametrize("kind", [QuickScripts, PooledScripts])


def run(redis_port: int, body: Body, kind: Kind = QuickScripts) -> None:
    async def inside() -> None:
        client = aredis.Redis(port=redis_port, decode_responses=True, protocol=2)
        scripts = kind(client)
        try:
            await body(scripts, client)
        finally:
            await scripts.close()
            await client.aclose()

    asyncio.run(inside())


async def waiting(scripts: Scripts, number: int) -> list[asyncio.Task[object]]:
    """So many questions at once, each of which holds its connection until it is answered."""
    tasks = [asyncio.create_task(scripts.ask("BLPOP", f"gate{n}", 20)) for n in range(number)]
    await asyncio.sleep(0)
    return tasks


async def connected(client: aredis.Redis, number: int) -> bool:
    """Whether Redis comes to have so many connections."""
    async with asyncio.timeout(5):
        while len(await client.client_list()) != number:  # noqa: ASYNC110  (Redis tells by asking)
            await asyncio.sleep(0.01)
    return True


@both_ways
def test_questions_one_after_another_share_a_connection(redis_port: int, kind: Kind) -> None:
    """Whatever is asked, also what Redis refuses."""

    async def body(scripts: Scripts, client: aredis.Redis) -> None:
        first = await scripts.ask("CLIENT", "ID")
        with pytest.raises(aredis.ResponseError):
            await scripts.ask("NONSENSE")
        assert await scripts.ask("CLIENT", "ID") == first

    run(redis_port, body, kind)


@both_ways
def test_a_connection_that_was_killed_is_not_met_by_the_next_question(
    redis_port: int, kind: Kind
) -> None:
    """Nor is one on whose question nobody waited."""

    async def body(scripts: Scripts, client: aredis.Redis) -> None:
        first = await scripts.ask("CLIENT", "ID")
        await client.client_kill_filter(_id=str(first))
        await asyncio.sleep(0.05)  # the loop has to hear of it; there is nothing to ask
        second = await scripts.ask("CLIENT", "ID")
        assert second != first
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await scripts.ask("BLPOP", "nothing", 20)
        assert await scripts.ask("ECHO", "x") == "x"

    run(redis_port, body, kind)


@both_ways
def test_an_unknown_script_is_sent_anew(redis_port: int, kind: Kind) -> None:
    """After a SCRIPT FLUSH."""

    async def body(scripts: Scripts, client: aredis.Redis) -> None:
        for _ in range(2):
            await client.script_flush()
            assert await scripts.run("settle", keys=["none"], args=["t", "confirm"]) == 0

    run(redis_port, body, kind)


def test_what_a_crowd_has_opened_is_closed_when_it_has_gone(
    redis_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One question after another closes one idle connection after another."""

    async def body(scripts: Scripts, client: aredis.Redis) -> None:
        before = len(await client.client_list())
        tasks = await waiting(scripts, 20)
        assert await connected(client, before + 20)
        for number in range(20):
            await client.rpush(f"gate{number}", "open")
        await asyncio.gather(*tasks)
        monkeypatch.setattr(script_connections, "IDLE_S", 0.0)
        for _ in range(40):
            await scripts.ask("ECHO", "x")
        assert await connected(client, before + 1)

    run(redis_port, body)
