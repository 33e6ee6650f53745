"""Real Sentinels: their master is reached, its successor too, and what is wrong is said."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError

from queueproof.config.model import TargetConfig
from queueproof.config.sentinel_url import read_sentinel_url
from queueproof.errors import NotAssessed, UsageError
from queueproof.stack.chaos import open_chaos_stack
from queueproof.stack.ports import free_port
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.stack.sentinels import Sentinels
from queueproof.targets import sentinel_opening
from queueproof.targets.redis_errors import outcome_of
from queueproof.targets.redis_opening import greet
from queueproof.targets.redis_view import RedisView
from queueproof.targets.sentinel_opening import why_no_master
from queueproof.waiting import eventually

pytestmark = pytest.mark.skipif(
    not shutil.which("redis-server"), reason="redis-server is not installed"
)


@asynccontextmanager
async def watched(
    *, password: str = "", own: str = ""
) -> AsyncIterator[tuple[RedisServer, Sentinels]]:
    """A master with a replica, and three Sentinels that watch it."""
    options = ("--masterauth", password) if password else ()
    servers = [
        RedisServer(find_redis_binary(), options=options, password=password) for _ in range(2)
    ]
    sentinels = Sentinels("redis-server", password=own)
    try:
        for server in servers:
            await server.start()
        await servers[1].follow(servers[0])
        await sentinels.start(servers[0])
        yield servers[0], sentinels
    finally:
        await sentinels.stop()
        for server in servers:
            await server.close()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def test_after_a_failover_the_successor_is_asked() -> None:
    """By a client that was connected to the old master, and by a look of its own."""

    async def scenario() -> None:
        async with watched(password="servers", own="sentinels") as (master, sentinels):
            view = RedisView(sentinels.url(1, login=":servers"))
            place = RedisPlace(view)
            try:
                assert await greet(view) == ""
                await view.client(1).set("kept", "1")
                assert await place.answers()
                assert await view.client(1).execute_command("WAIT", 1, 5000) == 1  # type: ignore[no-untyped-call]

                await master.kill()

                _, back = await eventually(place.answers, bool, within_s=30.0)
                assert back
                assert await view.client(1).get("kept") == "1"
                facts = await view.client(1).info()
                assert facts["role"] == "master"
                assert facts["tcp_port"] != master.port
            finally:
                await view.close()

    run(scenario())


def test_what_is_wrong_with_the_sentinels_is_said_in_a_line() -> None:
    async def scenario() -> list[str]:
        async with watched(own="sentinels") as (master, sentinels):
            place = read_sentinel_url(sentinels.url(1))
            at_the_server = (("127.0.0.1", master.port),)
            wrong = (
                dataclasses.replace(place, service="another"),
                dataclasses.replace(place, own_password=""),
                dataclasses.replace(place, own_password="sEcReT"),
                dataclasses.replace(place, sentinels=at_the_server, own_password=""),
                dataclasses.replace(place, sentinels=(("127.0.0.1", 1),)),
            )
            # One that knows is enough.
            alive = dataclasses.replace(place, sentinels=(("127.0.0.1", 1), place.sentinels[0]))
            assert await why_no_master(alive.text()) == ""
            said = []
            for each in wrong:
                view = RedisView(each.text())
                with pytest.raises(UsageError) as refused:
                    await greet(view)
                await view.close()
                said.append(str(refused.value))
            return said

    said = run(scenario())
    for line, expected in zip(
        said,
        (
            "watches a master called 'another'",
            "refuse the login",
            "refuse the login",
            "is no Sentinel",
            "no Sentinel answers at 127.0.0.1:1",
        ),
        strict=True,
    ):
        assert expected in line
        assert "\n" not in line
        assert "sEcReT" not in line


def test_a_hosts_name_is_no_refused_login(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreachable(*_: Any) -> Any:
        raise RedisConnectionError("Error 111 connecting to auth.example:26379.")

    monkeypatch.setattr(sentinel_opening, "command", unreachable)

    said = run(why_no_master("redis+sentinel://auth.example/jobs"))

    assert said.startswith("no Sentinel answers at auth.example:26379")


@pytest.mark.parametrize("url", ["redis+cluster://one:7000,two:7000", ""])
def test_a_cluster_leaves_what_needs_redis_not_assessed(url: str) -> None:
    """Said by its URL's scheme, or by the server itself; other outages go on."""

    async def scenario() -> None:
        bus = ("--cluster-port", str(free_port()))
        server = RedisServer(find_redis_binary(), options=("--cluster-enabled", "yes", *bus))
        try:
            await server.start()
            target = TargetConfig(
                urls=("http://127.0.0.1:1",), redis_url=url or server.url(), disposable=True
            )
            async with open_chaos_stack(target, embedded=False) as stack:
                assert stack.view is None
                with pytest.raises(NotAssessed, match="Redis is a Cluster"):
                    _ = stack.redis
        finally:
            await server.close()

    run(scenario())


def test_a_moved_key_tells_a_cluster_to_a_user_who_may_not_ask() -> None:
    outcome = outcome_of(MovedError("1 127.0.0.1:7000"))

    assert isinstance(outcome, NotAssessed)
    assert "write redis+cluster:// in the Redis URL" in str(outcome)
