"""The reference's connections to the master that Sentinels tell."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.stack.sentinels import Sentinels
from queueproof.waiting import eventually
from reference_impl.common.redis_pools import watched
from reference_impl.core.rules import LeaseRule
from reference_impl.fast.script_connections import QuickScripts
from reference_impl.langflow.settings import SettingsError, load
from reference_impl.store.redis_client import PooledScripts, RedisPlan, Scripts, connect

FORM = "redis+sentinel://me:secret@one,two:26380/jobs/1"


def test_a_url_of_sentinels_says_whom_to_ask_for_what() -> None:
    place = watched(FORM)

    assert place is not None
    assert place.sentinels == (("one", 26379), ("two", 26380))
    assert (place.service, place.index) == ("jobs", 1)
    assert place.url == "redis://me:secret@master/1"


@pytest.mark.parametrize("url", ["redis://one/1", "redis+sentinel://one", "redis+sentinel:///jobs"])
def test_any_other_url_is_none(url: str) -> None:
    assert watched(url) is None


def test_the_queue_takes_one_and_names_its_index() -> None:
    environ = {
        "LANGFLOW_JOB_QUEUE_TYPE": "redis",
        "LANGFLOW_REDIS_QUEUE_URL": FORM,
        "LANGFLOW_AUTO_LOGIN": "true",
    }

    assert load(environ).queue_index == 1
    with pytest.raises(SettingsError, match="LANGFLOW_REDIS_QUEUE_URL"):
        load(environ | {"LANGFLOW_REDIS_QUEUE_URL": "redis+sentinel://one"})


@pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
@pytest.mark.parametrize("kind", [PooledScripts, QuickScripts])
def test_an_old_master_that_comes_back_is_not_written_to(kind: type[Scripts]) -> None:
    """For seconds it takes writes as before, on connections that were idle; they would be lost."""

    async def scenario(old: RedisServer, new: RedisServer, sentinels: Sentinels) -> None:
        client = connect(RedisPlan(sentinels.url(1), 1, 2.0, 60, 60, 60, 1.0, LeaseRule(3.0)))
        scripts = kind(client)  # type: ignore[call-arg]
        await scripts.ask("SET", "before", "1")
        old.victim.send(signal.SIGSTOP)
        try:
            _, promoted = await eventually(
                sentinels.master, ("127.0.0.1", new.port).__eq__, within_s=30.0
            )
            assert promoted
            # Another question of the same process meets the Sentinels first.
            assert await client.ping()
        finally:
            old.victim.send_again(signal.SIGCONT)
        await scripts.ask("SET", "after", "1")
        async with Redis.from_url(new.url(1)) as direct:
            assert await direct.get("after") == b"1"
        await scripts.close()
        await client.aclose(close_connection_pool=True)

    asyncio.run(watched_by_sentinels(scenario))


async def watched_by_sentinels(
    play: Callable[[RedisServer, RedisServer, Sentinels], Awaitable[None]],
) -> None:
    servers = [RedisServer(find_redis_binary()) for _ in range(2)]
    sentinels = Sentinels("redis-server")
    try:
        for server in servers:
            await server.start()
        await servers[1].follow(servers[0])
        await sentinels.start(servers[0])
        await play(servers[0], servers[1], sentinels)
    finally:
        await sentinels.stop()
        for server in servers:
            await server.close()
