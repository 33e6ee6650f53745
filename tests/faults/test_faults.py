"""Each fault on a real Toxiproxy and a real Redis: proven to bite, and over when healed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.faults import Unconfirmed, catalogue
from queueproof.faults.catalogue import check_spec, describe, make_fault
from queueproof.stack.proxies import Answer, ping_anew
from queueproof.waiting import eventually
from tests.faults.conftest import Lab

WAYS = [
    {"fault": "down"},
    {"fault": "stall"},
    {"fault": "stall", "direction": "writes"},
    {"fault": "stall", "direction": "reads", "replicas": [1]},
    {"fault": "stall_cut"},
    {"fault": "stall_cut", "timeout_ms": 100, "direction": "reads"},
    {"fault": "latency", "latency_ms": 80, "jitter_ms": 20},
    {"fault": "bandwidth", "rate_kb_s": 20, "direction": "reads"},
    {"fault": "slicer", "direction": "reads"},
    {"fault": "slicer", "direction": "writes"},
    {"fault": "reset_peer"},
    {"fault": "limit_data"},
    {"fault": "limit_data", "bytes": 100, "direction": "writes"},
]
ON_REDIS = [
    {"fault": "flush", "what": "queue"},
    {"fault": "flush", "what": "cache"},
    {"fault": "kill_clients"},
    {"fault": "kill_clients", "kind": "all"},
    {"fault": "pause"},
    {"fault": "pause", "by": "client_pause", "mode": "write", "for_s": 1.0},
    {"fault": "pause", "by": "client_pause", "for_s": 1.0},
    {"fault": "memory_full"},
    {"fault": "memory_full", "evict": True},
    {"fault": "read_only"},
    {"fault": "slow_subscriber"},
    {"fault": "pubsub_blocked"},
    {"fault": "redis_restart"},
    {"fault": "redis_restart", "keep_data": True},
    {"fault": "redis_restart", "down_s": 0.2},
    {"fault": "redis_restart", "keep_data": True, "down_s": 0.1, "again_after_s": 0.2},
    {"fault": "idle_timeout"},
]


def through(lab: Lab) -> Redis:
    """A client of ours by the first way, which does not try again by itself."""
    port = int(lab.stack.proxies([0])[0].listen.rpartition(":")[2])
    return Redis(port=port, db=1, retry=Retry(NoBackoff(), 0))


def words(spec: dict[str, Any]) -> str:
    return "-".join(str(value) for value in spec.values())


@pytest.mark.parametrize("spec", WAYS, ids=words)
def test_a_fault_on_the_way_is_felt_where_it_strikes_and_gone_when_healed(
    lab: Lab, spec: dict[str, Any]
) -> None:
    """The evidence names each struck proxy; the other ways and the healed one answer."""

    async def play() -> None:
        await lab.connected()
        fault = make_fault(spec, lab.stack)
        struck = lab.stack.proxies(spec.get("replicas"))
        try:
            await fault.apply()
            evidence = await fault.confirm()
            for proxy in lab.stack.proxies(None):
                assert (proxy.name in evidence) is (proxy in struck)
                if proxy not in struck:
                    assert (await ping_anew(proxy.listen, within_s=1.0)).answer is Answer.PONG
        finally:
            await fault.heal()
        for proxy in struck:
            assert not (await proxy.api.proxy(proxy.name)).toxics
            reply = await ping_anew(proxy.listen, within_s=2.0)
            assert reply.answer is Answer.PONG
            assert reply.took_s < 0.1

    lab.run(play())


@pytest.mark.parametrize("spec", ON_REDIS, ids=words)
def test_a_fault_on_redis_is_proven_and_healed(lab: Lab, spec: dict[str, Any]) -> None:
    """Afterwards Redis takes writes, at once and through the proxies."""

    async def play() -> None:
        await lab.connected()
        client = lab.stack.redis.view.client(1)
        await client.set("ballast", "x" * 200_000)
        fault = make_fault(spec, lab.stack)
        try:
            await fault.apply()
            assert await fault.confirm()
        finally:
            await fault.heal()
        await fault.heal()
        assert await client.set("written", "1")
        assert (await client.config_get("maxmemory"))["maxmemory"] == "0"
        reply = await ping_anew(lab.stack.proxies(None)[0].listen, within_s=2.0)
        assert reply.answer is Answer.PONG

    lab.run(play())


def test_a_held_command_is_executed_late(lab: Lab) -> None:
    """A stall delivers at its end what the client has long given up."""

    async def play() -> None:
        await lab.connected()
        client = lab.stack.redis.view.client(1)
        await client.delete("late")
        async with through(lab) as own:
            await own.ping()
            fault = make_fault({"fault": "stall", "replicas": [0]}, lab.stack)
            await fault.apply()
            with pytest.raises((RedisError, TimeoutError)):
                async with asyncio.timeout(0.3):
                    await own.set("late", "1")
            assert not await client.exists("late")
            await fault.heal()

            async def there() -> bool:
                return bool(await client.exists("late"))

            assert (await eventually(there, bool, within_s=3.0))[1]

    lab.run(play())


@pytest.mark.parametrize(
    ("do", "moment", "happened"),
    [
        ("cut", "before", False),
        ("cut", "after", True),
        ("drop", "before", False),
        ("drop", "after", True),
        ("hold", "before", True),
        ("hold", "after", True),
        ("duplicate", "before", True),
    ],
)
def test_a_strike_hits_the_nth_command_or_its_reply(
    lab: Lab, do: str, moment: str, happened: bool
) -> None:
    """The second INCR is struck: before, Redis may never see it; after, it was executed."""

    async def play() -> None:
        client = lab.stack.redis.view.client(1)
        await client.delete("counter")
        async with through(lab) as own:
            spec = {"fault": "reply", "do": do, "moment": moment, "command": "incrby", "nth": 2}
            fault = make_fault({**spec, "replicas": [0]}, lab.stack)
            await fault.apply()
            with pytest.raises(Unconfirmed):
                await fault.confirm()
            assert await own.incr("counter") == 1
            second = asyncio.create_task(own.incr("counter"))
            await asyncio.wait({second}, timeout=0.3)
            assert "1 struck" in await fault.confirm()
            assert second.done() is (do in ("cut", "duplicate"))
            await fault.heal()
            await asyncio.wait({second}, timeout=0.3)
            if do in ("hold", "duplicate"):
                assert second.result() == 2
            elif do == "cut":
                assert isinstance(second.exception(), RedisError)
            else:
                assert not second.done()
                second.cancel()
            twice = 1 if do == "duplicate" else 0
            assert int(await client.get("counter")) == 1 + happened + twice
            await asyncio.gather(second, return_exceptions=True)

    lab.run(play())


def test_scripts_that_somebody_misses_prove_their_flush(lab: Lab) -> None:
    """A call by hash is told that the script is unknown."""

    async def play() -> None:
        client = lab.stack.redis.view.client(1)
        sha = await client.script_load("return 1")
        fault = make_fault({"fault": "script_flush"}, lab.stack)
        await fault.apply()
        with pytest.raises(RedisError):
            await client.evalsha(sha, 0)
        assert "scripts forgotten" in await fault.confirm()
        await fault.heal()

    lab.run(play())


def test_a_fault_that_nobody_meets_is_unconfirmed(lab: Lab) -> None:
    """A way that does not work before the fault proves nothing in it."""

    async def play() -> None:
        first = make_fault({"fault": "down", "replicas": [0]}, lab.stack)
        second = make_fault({"fault": "stall", "replicas": [0]}, lab.stack)
        await lab.connected()
        await first.apply()
        try:
            with pytest.raises(Unconfirmed, match="already"):
                await second.apply()
        finally:
            await second.heal()
            await first.heal()

    lab.run(play())


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"fault": "stal"}, "did you mean stall"),
        ({"fault": "stall", "direktion": "both"}, "did you mean direction"),
        ({"fault": "stall", "direction": "sideways"}, "writes, reads, both"),
        ({"fault": "latency", "latency_ms": "long"}, "latency_ms cannot be 'long'"),
        ({"fault": "latency", "latency_ms": -1}, "latency_ms cannot be -1"),
        ({"fault": "bandwidth", "rate_kb_s": 0}, "use stall"),
        ({"fault": "reply", "do": "eat"}, "eat"),
        ({"fault": "flush", "what": "all"}, "queue or cache"),
    ],
)
def test_a_mistake_in_the_data_is_told(lab: Lab, spec: dict[str, Any], says: str) -> None:
    """Names, parameters and values are checked before anything is disturbed."""
    with pytest.raises(UsageError, match=says):
        make_fault(spec, lab.stack)


def test_what_the_stack_lacks_is_not_assessed(lab: Lab) -> None:
    """The reason says what would make it possible."""
    for spec in (
        {"fault": "failover"},
        {"fault": "clock_offset"},
        {"fault": "down", "replicas": [7]},
    ):
        with pytest.raises(NotAssessed):
            make_fault(spec, lab.stack)
    with pytest.raises(NotAssessed, match="process_root"):
        lab.run(make_fault({"fault": "kill"}, lab.stack).apply())


def test_every_fault_is_described_and_has_only_checked_parameters() -> None:
    """A spec of nothing but its name is valid for every fault."""
    assert len(catalogue.FAULT_NAMES) >= 25
    for name in catalogue.FAULT_NAMES:
        check_spec({"fault": name})
    assert describe({"fault": "latency", "latency_ms": 5, "replicas": [1]}) == (
        "latency · latency ms 5 · replicas 1"
    )


def test_a_toxiproxy_that_died_is_our_own_error(lab: Lab, toxiproxy_binary: str) -> None:
    """Nothing it leaves undone is held against the target."""

    async def play() -> None:
        from queueproof.stack.toxiproxy import ToxiproxyServer

        server = ToxiproxyServer(toxiproxy_binary)
        await server.start()
        state = await server.api.create("way", upstream=f"127.0.0.1:{lab.redis.port}")
        again = await server.api.create("way", upstream="127.0.0.1:1")
        assert (again.listen, again.upstream) == (state.listen, "127.0.0.1:1")
        api = server.api
        await server.close()
        assert not server.running
        from queueproof.stack.toxiproxy_api import ToxiproxyApi

        gone = ToxiproxyApi(api.url)
        with pytest.raises(HarnessError, match="does not answer"):
            await gone.proxies()
        await gone.close()

    lab.run(play())
