"""The stack: what a killed run leaves is healed, and what is missing is told in time."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from queueproof.config.model import ChaosConfig, ReplicaConfig, TargetConfig
from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.catalogue import make_fault, needs_of
from queueproof.stack import toxiproxy_binary
from queueproof.stack.chaos import ChaosStack, open_chaos_stack
from queueproof.stack.journal import Journal
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_proxy.proxy import RedisProxies
from queueproof.stack.toxiproxy_api import OUR_PREFIX, Toxic
from queueproof.targets.contracts import embedded_target
from queueproof.targets.redis_view import RedisView
from queueproof.waiting import eventually
from tests.faults.conftest import Lab

TOXIC = Toxic("latency", "downstream", {"latency": 1})


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leftovers of these tests are nobody else's."""
    monkeypatch.setenv("QUEUEPROOF_CACHE", str(tmp_path))
    return tmp_path / "leftovers"


def declared(lab: Lab, *, proxy: str = "way-0", disposable: bool = True) -> TargetConfig:
    replica = ReplicaConfig(url="http://127.0.0.1:1", proxy=proxy)
    chaos = ChaosConfig(toxiproxy=lab.toxiproxy.api.url, replicas=(replica,))
    return TargetConfig(
        urls=(replica.url,), redis_url=lab.redis.url(1), disposable=disposable, chaos=chaos
    )


def open_declared(lab: Lab, target: TargetConfig) -> tuple[str, ...]:
    """Open a deployment's stack; what it says of leftovers."""

    async def play() -> tuple[str, ...]:
        async with open_chaos_stack(target, embedded=False) as stack:
            return stack.leftovers

    told: tuple[str, ...] = lab.run(play())
    return told


@pytest.mark.parametrize(
    "spec", [{"fault": "memory_full", "evict": True}, {"fault": "slow_subscriber"}]
)
def test_other_peoples_keys_and_clients_are_spared(lab: Lab, spec: dict[str, Any]) -> None:
    """At whatever index: limits and channels are the whole server's."""

    async def play() -> None:
        place = RedisPlace(RedisView(lab.redis.url(1)))
        # What tests before this one have left would be somebody's, too.
        await lab.stack.redis.view.client().flushall()
        await lab.stack.redis.view.client(5).set("shop:basket", "1", ex=60)
        stack = ChaosStack(
            TargetConfig(),
            [],
            journal=Journal(keeps=frozenset()),
            api=None,
            redis=place,
            redis_proxies=RedisProxies(),
        )
        fault = make_fault(spec, stack)
        try:
            with pytest.raises(NotAssessed, match="1 of 1 keys at index 5"):
                await fault.apply()
            await fault.heal()
        finally:
            await lab.stack.redis.view.client(5).delete("shop:basket")
            await place.close()

    lab.run(play())


def test_a_killed_runs_toxics_are_removed_by_the_next(lab: Lab) -> None:
    """By its notes, and by their name where there are none."""

    async def leave() -> None:
        await lab.toxiproxy.api.add("way-0", TOXIC)

    lab.run(leave())
    told = open_declared(lab, declared(lab))
    assert [f"{OUR_PREFIX}latency_downstream" in sentence for sentence in told] == [True]
    assert not lab.run(lab.toxiproxy.api.proxy("way-0")).toxics


def test_a_deployment_that_is_not_ready_is_refused_with_what_to_do(lab: Lab) -> None:
    """Not disposable, no such proxy, somebody else's toxic, no Toxiproxy."""
    with pytest.raises(UsageError, match="--disposable"):
        open_declared(lab, declared(lab, disposable=False))
    with pytest.raises(UsageError, match="no proxy 'redis-a'; it has: way-0, way-1"):
        open_declared(lab, declared(lab, proxy="redis-a"))
    target = declared(lab)
    assert target.chaos is not None
    absent = replace(target, chaos=replace(target.chaos, toxiproxy="http://127.0.0.1:9"))
    with pytest.raises(UsageError, match=r"start it .*go install"):
        open_declared(lab, absent)


def test_toxiproxy_absent_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program, no Go."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.delenv("GOPATH", raising=False)
    monkeypatch.delenv("GOBIN", raising=False)
    monkeypatch.setattr(toxiproxy_binary.sys, "executable", "/nowhere/python")
    with pytest.raises(UsageError, match=r"go install github.com/Shopify/toxiproxy"):
        toxiproxy_binary.find_toxiproxy()


async def evidence_of(fault: Fault) -> str:
    """What proves that the fault bites by now; empty when nothing does yet."""
    try:
        return await fault.confirm()
    except Unconfirmed:
        return ""


def test_faults_on_processes_clocks_and_masters_of_a_launched_stack(
    toxiproxy_binary: str,
) -> None:
    """Each is proven on the running reference, and the replica serves afterwards."""
    specs = [
        {"fault": "clock_offset", "offset_s": -300},
        {"fault": "freeze", "process": "worker", "replicas": [1]},
        {"fault": "kill", "process": "worker", "replicas": [1]},
        {"fault": "recycle", "after_requests": 25, "replicas": [1]},
        {"fault": "graceful_stop", "process": "replica", "replicas": [1]},
        {"fault": "kill", "process": "replica", "replicas": [0]},
        {"fault": "reply", "do": "cut", "command": "EVALSHA|XADD"},
        {"fault": "failover"},
    ]

    async def play(stack: ChaosStack) -> None:
        for spec in specs:
            fault = make_fault(spec, stack)
            try:
                await fault.apply()
                _, confirmed = await eventually(partial(evidence_of, fault), bool, within_s=10.0)
                assert confirmed, spec
            finally:
                await fault.heal()
            await stack.check()
        for replica in stack.replicas:
            assert await replica.serving()

    async def run() -> None:
        opening = open_chaos_stack(
            embedded_target("langflow"), embedded=True, workers_each=2, needs=needs_of(specs)
        )
        async with opening as stack:
            await play(stack)

    asyncio.run(run())


def test_a_redis_of_ours_that_died_is_our_own_error(toxiproxy_binary: str) -> None:
    """`check` tells it apart from one that a fault has stopped."""

    async def run() -> None:
        target = embedded_target("langflow", workers=1)
        async with open_chaos_stack(target, embedded=True, replicas=1) as stack:
            await stack.check()
            assert stack.redis.victim is not None
            stack.redis.victim.send(signal.SIGKILL)

            async def died() -> bool:
                return stack.redis.died

            await eventually(died, bool, within_s=3.0)
            with pytest.raises(HarnessError, match="ended by itself"):
                await stack.check()

    asyncio.run(run())


class FakeReplica:
    """Can be started again, or not."""

    def __init__(self, *, startable: bool) -> None:
        self.startable = startable
        self.told: list[str] = []

    async def kill(self) -> None:
        """As a keeper without a start command does it."""
        if not self.startable:
            raise NotAssessed("could not be started again")
        self.told.append("killed")

    async def start(self) -> None:
        """It serves at once."""
        self.told.append("started")


@pytest.mark.parametrize("startable", [True, False])
def test_a_deployment_without_service_is_started_again_where_its_owner_says_how(
    startable: bool,
) -> None:
    """And the report says that it was."""
    replicas = [FakeReplica(startable=startable) for _ in range(2)]
    none = cast(Any, None)
    stack = ChaosStack(
        none, cast(Any, replicas), journal=none, api=None, redis=None, redis_proxies=none
    )

    assert asyncio.run(stack.revive()) is startable
    assert [replica.told for replica in replicas] == [["killed", "started"] * startable] * 2
    assert bool(stack.leftovers) is startable
