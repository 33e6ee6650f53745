"""A real Redis Cluster: keys are looked at wherever they are, and no single server is disturbed."""

from __future__ import annotations

import asyncio
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from queueproof.case_helpers.key_contents import contents_of
from queueproof.config.model import TargetConfig
from queueproof.errors import NotAssessed, UsageError
from queueproof.faults.flush import EmptiedRedis, FlushedIndex
from queueproof.faults.kill_clients import KilledConnections
from queueproof.faults.memory_full import MemoryFull
from queueproof.stack.chaos import open_chaos_stack
from queueproof.stack.journal import Journal
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.redis_opening import acquaint, greet
from queueproof.targets.redis_view import RedisView
from queueproof.targets.system import System
from queueproof.waiting import eventually

pytestmark = pytest.mark.skipif(
    not shutil.which("redis-server"), reason="redis-server is not installed"
)
_PASSWORD = "of-every-server"
_SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))


@asynccontextmanager
async def cluster(
    *options: str, served: Sequence[tuple[int, int]] = _SLOTS
) -> AsyncIterator[list[RedisServer]]:
    """Three servers of one Cluster, each with its part of the slots."""
    servers: list[RedisServer] = []
    async with AsyncExitStack() as resources:
        buses = [free_port() for _ in _SLOTS]
        for bus in buses:
            given = ("--cluster-enabled", "yes", "--cluster-port", str(bus), *options)
            server = RedisServer(find_redis_binary(), options=given, password=_PASSWORD)
            resources.push_async_callback(server.close)
            await server.start()
            servers.append(server)
        for server, (first, last) in zip(servers, served, strict=False):
            await tell(server, "CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
        for server, bus in zip(servers[1:], buses[1:], strict=True):
            await tell(servers[0], "CLUSTER", "MEET", "127.0.0.1", str(server.port), str(bus))

        async def agreed() -> bool:
            said = [str(await tell(server, "CLUSTER", "SLOTS")) for server in servers]
            return all(str(server.port) in one for one in said for server in servers)

        if len(served) == len(_SLOTS):
            _, ready = await eventually(agreed, bool, within_s=30.0)
            assert ready
        yield servers


async def tell(server: RedisServer, *words: str) -> Any:
    async with Redis.from_url(server.url(), decode_responses=True) as client:
        return await client.execute_command(*words)  # type: ignore[no-untyped-call]


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[RedisView]:
    view = RedisView(url)
    try:
        yield view
    finally:
        await view.close()


def url_of(servers: Sequence[RedisServer], *, login: str = f":{_PASSWORD}") -> str:
    """As its owner may write it: two nodes of three."""
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers[:2])
    return f"redis+cluster://{login}@{hosts}"


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


class Target:
    """Stands for a target with its queue in a Cluster: it makes a job's keys, on several servers.

    As Langflow names them, or as BullMQ does with a hash tag, without which it takes no Cluster.
    """

    def __init__(self, view: RedisView, client: RedisCluster, *, bull: bool) -> None:
        self.redis = view
        self.adapter = SimpleNamespace(operations={"predict"} if bull else {"poll"})
        self.client = client
        self.bull = bull
        self.jobs = 6

    async def try_submit(self, _: Any) -> tuple[Any, Any]:
        job = SimpleNamespace(id=str(uuid.uuid4()), key=uuid.uuid4().hex, owner="a", system=self)
        if self.bull:
            self.jobs += 1
            data = {"data": f'"{job.key}"', "name": "job"}
            await self.client.hset(f"{{bull}}:queue:{self.jobs}", mapping=cast(Any, data))
            await self.client.set("{bull}:queue:id", self.jobs)
        else:
            await self.client.xadd(f"lf:job:{job.id}:stream", {"text": "tick-0"})
        return job, SimpleNamespace(words="200")

    async def poll(self, job: Any, **_: Any) -> None:
        await self.client.set(f"lf:job:{job.id}:activity", str(time.time()), ex=90)

    def others(self, _: Any) -> list[str]:
        return ["b"]

    async def cancel(self, job: Any, **_: Any) -> None:
        if not self.bull:
            await self.client.set(f"lf:cancel:{job.id}", "1", ex=9)


@asynccontextmanager
async def met(*, bull: bool = False, scheme: str = "redis+cluster") -> AsyncIterator[Target]:
    """A target in whose Redis a scratch job was found."""
    async with AsyncExitStack() as resources:
        servers = await resources.enter_async_context(cluster())
        url = url_of(servers) if scheme == "redis+cluster" else servers[1].url(0)
        view = await resources.enter_async_context(looking(url))
        client = await resources.enter_async_context(
            RedisCluster.from_url(servers[0].url(), decode_responses=True)
        )
        assert await greet(view) == ""
        target = Target(view, client, bull=bull)
        assert await acquaint(cast(System, target)) == ""
        yield target


@pytest.mark.parametrize("scheme", ["redis+cluster", "redis"])
def test_the_keys_of_a_job_are_seen_on_whichever_server_they_are(scheme: str) -> None:
    """By the URL of the Cluster, and by that of one of its nodes, which only the server tells."""

    async def scenario() -> None:
        async with met(scheme=scheme) as target:
            view = target.redis
            jobs = [(await target.try_submit(None))[0] for _ in range(12)]
            await asyncio.gather(*map(target.poll, jobs))
            for job in jobs:
                look = await view.look(job.id, everywhere=True)
                assert look.complete
                assert {
                    (key.name, key.index, key.type, key.ttl_s is None) for key in look.keys
                } == {
                    (f"lf:job:{job.id}:stream", 0, "stream", True),
                    (f"lf:job:{job.id}:activity", 0, "string", False),
                }
                heartbeat = await view.heartbeat_of(job.id)
                assert heartbeat is not None
                await view.put(heartbeat, "12.5")
                assert await view.get(heartbeat) == "12.5"
                assert await contents_of(view, 0, heartbeat.name) == "12.5"
                assert "tick-0" in await contents_of(view, 0, f"lf:job:{job.id}:stream")
            parts = [await one.dbsize() for one in await cast(Any, view.cluster).masters()]
            assert len(parts) == 3
            assert min(parts) > 0
            # Streams of thirteen jobs, the scratch job's among them; the rest expires.
            assert await view.size(0) == sum(parts) == (await view.sizes())[0]
            assert await view.lasting_keys() == 13
            assert await view.longest_stream("lf:*:stream") == (1, 1)

    run(scenario())


def test_a_numbered_hash_is_found_by_its_data() -> None:
    async def scenario() -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("queueproof.targets.redis_opening.read_stream", _nothing)
            async with met(bull=True) as target:
                assert target.redis.patterns.numbered == {"{bull}:queue:"}
                job, _ = await target.try_submit(None)
                found = await target.redis.hash_with(job.key, within_s=1.0)
                assert found == ("{bull}:queue:8", {"data", "name"})

    run(scenario())


async def _nothing(_: Any) -> None: ...


def test_subscriptions_are_seen_at_every_server() -> None:
    async def scenario() -> None:
        async with cluster() as servers, looking(url_of(servers)) as view:
            assert await greet(view) == ""
            async with Redis.from_url(servers[2].url()) as client, client.pubsub() as listening:
                await listening.subscribe("events:7c1")
                await listening.get_message(timeout=5.0)
                assert await view.channels("7c1") == ["events:7c1"]
                assert await view.subscribers() == 1

    run(scenario())


def test_no_single_server_is_disturbed() -> None:
    """Neither flushed nor cut nor set otherwise: what that would prove there, nobody has said."""

    async def scenario() -> None:
        async with met() as target:
            view = target.redis
            before = await view.size(0)
            faults: list[Any] = [
                lambda: FlushedIndex(view, 0),
                lambda: EmptiedRedis(view),
                lambda: KilledConnections(view),
                lambda: MemoryFull(view, Journal(), evict=False, headroom_kb=1),
            ]
            for make in faults:
                with pytest.raises(NotAssessed, match="Redis is a Cluster"):
                    await make().apply()
            assert await view.size(0) == before

    run(scenario())


def test_chaos_leaves_a_cluster_alone() -> None:
    async def scenario() -> None:
        async with cluster() as servers:
            for url in (url_of(servers), servers[0].url(0)):
                target = TargetConfig(urls=("http://127.0.0.1:1",), redis_url=url, disposable=True)
                async with open_chaos_stack(target, embedded=False) as stack:
                    assert stack.view is None
                    with pytest.raises(NotAssessed, match="Redis is a Cluster"):
                        _ = stack.redis

    run(scenario())


def test_what_is_wrong_with_a_cluster_is_said_in_a_line() -> None:
    async def scenario() -> dict[str, str]:
        said = {}
        async with cluster() as servers:
            plain = RedisServer(find_redis_binary())
            await plain.start()
            try:
                for name, url in {
                    "login": url_of(servers, login=":sEcReT"),
                    "plain": f"redis+cluster://127.0.0.1:{plain.port}",
                    "nobody": "redis+cluster://127.0.0.1:1",
                    "index": servers[0].url(3),
                }.items():
                    async with looking(url) as view:
                        with pytest.raises(UsageError) as refused:
                            await greet(view)
                    said[name] = str(refused.value)
                # One that answers is enough.
                async with looking(url_of(servers).replace("@", "@127.0.0.1:1,")) as view:
                    said["one"] = await greet(view)
            finally:
                await plain.close()
        return said

    said = run(scenario())
    assert "refuses the login" in said["login"]
    assert "is no Cluster: its URL begins with redis://" in said["plain"]
    assert "no Redis answers at 127.0.0.1:1" in said["nobody"]
    assert "is a Cluster, which has index 0 alone" in said["index"]
    assert said["one"] == ""
    assert not any("\n" in line or "sEcReT" in line for line in said.values())


def test_a_cluster_of_which_a_part_cannot_be_seen_is_no_evidence() -> None:
    async def scenario() -> tuple[str, str, str]:
        async with cluster(served=_SLOTS[:1]) as servers, looking(servers[0].url(0)) as view:
            unserved = await greet(view)
        # The address that they tell is of another network.
        elsewhere = cluster("--cluster-announce-ip", "127.0.0.9", served=[(0, 16383)])
        async with elsewhere as servers, looking(servers[0].url(0)) as view:
            unreached = await greet(view)
        async with cluster() as servers:
            for server in servers:
                rules = ("on", ">pw", "~*", "&*", "+@all", "-cluster")
                await tell(server, "ACL", "SETUSER", "looker", *rules)
            async with looking(url_of(servers, login="looker:pw")) as view:
                forbidden = await greet(view)
        return unserved, unreached, forbidden

    unserved, unreached, forbidden = run(scenario())
    assert unserved == "Redis is a Cluster that serves 5,461 of its 16,384 slots"
    assert "its server at 127.0.0.9:" in unreached
    assert "cluster-announce-ip" in unreached
    assert "does not let queueproof send CLUSTER" in forbidden
