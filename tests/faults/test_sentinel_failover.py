"""Sentinels that fail over, around a running reference that asks them for its master."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.chaos.scenario import NEEDS, choose, lacking_need, load_scenarios
from queueproof.errors import NotAssessed
from queueproof.faults.base import Unconfirmed
from queueproof.faults.catalogue import make_fault, needs_of
from queueproof.faults.sentinel_failover import SentinelFailover
from queueproof.stack.chaos import ChaosStack, open_chaos_stack
from queueproof.stack.redis_server import RedisServer
from queueproof.stack.sentinels import Sentinels, watching
from queueproof.stack.servers import Servers
from queueproof.targets.contracts import embedded_target
from queueproof.targets.redis_view import RedisView
from queueproof.waiting import eventually
from tests.faults.conftest import Lab


@pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed")
def test_the_master_hangs_and_its_replica_takes_over_and_keeps_everything(
    toxiproxy_binary: str,
) -> None:
    """The replicas speak to the new master before the old one is back, and it is then a replica."""
    spec = {"fault": "sentinel_failover", "by": "freeze"}

    async def connections(view: RedisView) -> int:
        return int((await view.client().info("clients"))["connected_clients"])

    async def play(stack: ChaosStack) -> None:
        old, new = stack.redis.server, stack.standby
        assert old is not None
        assert new is not None
        await stack.redis.view.client().set("written", "just before")
        new_view = RedisView(new.url(), ours=True)
        idle = await connections(new_view)
        fault = make_fault(spec, stack)
        try:
            await fault.apply()
            assert f"127.0.0.1:{new.port}" in await fault.confirm()
            assert await new_view.client().get("written") == "just before"
            _, met = await eventually(
                lambda: connections(new_view), lambda now: now > idle + 1, within_s=20.0
            )
            assert met
            await stack.check()
        finally:
            await new_view.close()
            await fault.heal()
        await stack.check()
        assert stack.redis.server is new
        assert await stack.redis.answers()
        old_view = RedisView(old.url(), ours=True)
        assert (await old_view.client().info("replication"))["role"] == "slave"
        await old_view.close()

    async def run() -> None:
        target = embedded_target("langflow", workers=1)
        needs = needs_of([spec])
        async with open_chaos_stack(target, embedded=True, needs=needs) as stack:
            await play(stack)

    asyncio.run(run())


@pytest.mark.parametrize("told", [("127.0.0.1", 2), None])
def test_nothing_is_killed_where_the_sentinels_tell_another_master(
    told: tuple[str, int] | None,
) -> None:
    """They have failed over before: the replica would look promoted, and the fault confirmed."""
    killed: list[int] = []

    async def master() -> tuple[str, int] | None:
        return told

    def server(port: int) -> Any:
        async def kill() -> None:
            killed.append(port)

        return SimpleNamespace(port=port, kill=kill, url=lambda: f"redis://127.0.0.1:{port}")

    redis = SimpleNamespace(view=SimpleNamespace(index=0), expected_up=True)
    fault = SentinelFailover(
        cast(ChaosStack, SimpleNamespace(redis=redis, journal=None)),
        cast(Sentinels, SimpleNamespace(master=master)),
        server(1),
        server(2),
        frozen=False,
    )

    with pytest.raises(Unconfirmed, match="another master before"):
        asyncio.run(fault.apply())
    asyncio.run(fault.heal())

    assert not killed
    assert redis.expected_up


def test_sentinels_that_cannot_be_had_are_not_assessed(lab: Lab, tmp_path: Path) -> None:
    """No Sentinels in the stack, containers, and a server program that cannot be one."""
    with pytest.raises(NotAssessed, match="a launched stack has its own"):
        make_fault({"fault": "sentinel_failover"}, lab.stack)

    cannot = tmp_path / "some-server"
    cannot.write_text("#!/bin/sh\necho 'unknown option --sentinel'\nexit 1\n", "ascii")
    cannot.chmod(0o755)

    async def watched_by(servers: Servers) -> None:
        async with AsyncExitStack() as resources:
            await watching(cast(RedisServer, lab.redis), servers, resources)

    with pytest.raises(NotAssessed, match="cannot be a Sentinel: unknown option"):
        asyncio.run(watched_by(Servers(str(cannot))))
    with pytest.raises(NotAssessed, match="not as containers"):
        asyncio.run(watched_by(Servers(containers=True)))


@pytest.mark.parametrize(
    ("contract", "name"), [("langflow", "CHAOS-056"), ("generic", "CHAOS-222")]
)
def test_a_target_that_does_not_say_how_it_asks_sentinels_is_not_judged_by_them(
    contract: str, name: str
) -> None:
    """Nothing is started for it."""
    (scenario,) = choose(load_scenarios(), [name])
    target = embedded_target(contract)
    assert target.launch is not None
    silent = replace(target, launch=replace(target.launch, sentinel_environment={}))

    assert lacking_need(scenario, target, launched=True) == ""
    assert lacking_need(scenario, silent, launched=True) == NEEDS["sentinels"]
