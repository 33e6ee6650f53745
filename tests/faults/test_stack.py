"""The stack: what a killed run leaves is healed, and what is missing is told in time."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

from queueproof.config.model import ChaosConfig, ReplicaConfig, TargetConfig
from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.catalogue import make_fault, needs_of
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.processes.signalling import Victim
from queueproof.stack import toxiproxy_binary
from queueproof.stack.chaos import ChaosStack, open_chaos_stack
from queueproof.stack.journal import Journal, Undo, heal_leftovers
from queueproof.stack.toxiproxy_api import OUR_PREFIX, Toxic
from queueproof.targets.contracts import embedded_target
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


def hand_over(cache: Path, name: str) -> None:
    """Make the only note there is another process's."""
    (note,) = cache.glob("*.json")
    note.rename(cache / name)


def open_declared(lab: Lab, target: TargetConfig) -> tuple[str, ...]:
    """Open a deployment's stack; what it says of leftovers."""

    async def play() -> tuple[str, ...]:
        async with open_chaos_stack(target, embedded=False) as stack:
            return stack.leftovers

    told: tuple[str, ...] = lab.run(play())
    return told


def test_a_killed_runs_toxics_are_removed_by_the_next(lab: Lab) -> None:
    """By its notes, and by their name where there are none."""

    async def leave() -> None:
        await lab.toxiproxy.api.add("way-0", TOXIC)

    lab.run(leave())
    told = open_declared(lab, declared(lab))
    assert [f"{OUR_PREFIX}latency_downstream" in sentence for sentence in told] == [True]
    assert not lab.run(lab.toxiproxy.api.proxy("way-0")).toxics


def test_what_a_killed_run_changed_is_as_it_was(lab: Lab, cache: Path) -> None:
    """A disabled proxy and a setting of Redis, by the notes of a process that is gone."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    async def leave() -> None:
        journal = Journal(cache)
        api = lab.toxiproxy.api
        what = {"proxy": "way-0", "set": {"enabled": True}}
        journal.note(Undo("proxy", api.url, what))
        settings = {"commands": [["CONFIG", "SET", "maxmemory", "0"]]}
        journal.note(Undo("redis", f"127.0.0.1:{lab.redis.port}", settings))
        journal.note(Undo("redis", "elsewhere:6379", settings))
        await api.switch("way-0", enabled=False)
        await lab.stack.redis.view.client().config_set("maxmemory", "100mb")
        hand_over(cache, f"{ended.pid}-1-a.json")

    cache.mkdir()
    lab.run(leave())
    told = open_declared(lab, declared(lab))
    assert len(told) == 2
    assert lab.run(lab.toxiproxy.api.proxy("way-0")).enabled
    limit = lab.run(lab.stack.redis.view.client().config_get("maxmemory"))
    assert limit["maxmemory"] == "0"
    (kept,) = cache.glob("*.json")
    assert "elsewhere" in kept.read_text()


def test_a_living_runs_disturbances_are_left_alone(lab: Lab, cache: Path) -> None:
    """Two runs side by side do not heal each other's faults."""
    cache.mkdir()
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    async def play() -> None:
        frozen = FrozenProcess(Victim.started(sleeper.pid), "sleeper", journal=Journal(cache))
        await frozen.apply()
        assert await heal_leftovers(folder=cache) == ()
        assert "stopped" in await frozen.confirm()
        hand_over(cache, "1-1-a.json")
        (told,) = await heal_leftovers(folder=cache)
        assert "thawed" in told
        assert psutil.Process(sleeper.pid).status() != psutil.STATUS_STOPPED
        await frozen.heal()

    try:
        lab.run(play())
    finally:
        sleeper.kill()
        sleeper.wait()


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
