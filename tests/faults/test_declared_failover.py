"""A deployment's own Sentinels: its master is ended or frozen as its owner's file says."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from queueproof.chaos.scenario import NEEDS, choose, lacking_need, load_scenarios
from queueproof.config.chaos import load_chaos
from queueproof.config.model import ChaosConfig, ReplicaConfig, TargetConfig
from queueproof.errors import NotAssessed, UsageError
from queueproof.faults.catalogue import make_fault
from queueproof.stack.chaos import ChaosStack, open_chaos_stack
from queueproof.stack.journal import Journal, Undo, heal_leftovers
from queueproof.stack.redis_server import RedisServer
from queueproof.stack.sentinel_servers import SentinelServers, noted
from queueproof.targets.key_patterns import KeyPatterns
from queueproof.targets.marks import process_mark

from .trio import Trio, trio

URL = "http://127.0.0.1:1"
SENTINELS = "redis+sentinel://127.0.0.1:26379/jobs/1"

needs_redis = pytest.mark.skipif(
    not shutil.which("redis-server"), reason="redis-server is not installed"
)


def target_of(made: Trio, *rows: ReplicaConfig) -> TargetConfig:
    chaos = ChaosConfig(replicas=(ReplicaConfig(url=URL),), redis_servers=rows)
    redis_url = made.sentinels.url(1)
    return TargetConfig(urls=(URL,), redis_url=redis_url, disposable=True, chaos=chaos)


@asynccontextmanager
async def taken_hold_of(target: TargetConfig) -> AsyncIterator[ChaosStack]:
    """The deployment, whose keys are known to be the target's."""
    async with open_chaos_stack(target, embedded=False) as stack:
        assert stack.view is not None
        stack.view.patterns = KeyPatterns.of_job("7c1", ["lf:job:7c1:stream"])
        yield stack


async def role(server: RedisServer) -> str:
    async with Redis.from_url(server.url(), socket_timeout=5.0) as client:
        return str((await client.info("replication"))["role"])


@needs_redis
@pytest.mark.parametrize("by", ["kill", "freeze", "freeze by command"])
def test_the_replica_takes_over_and_the_old_master_becomes_its_replica(
    by: str, tmp_path: Path
) -> None:
    """What was written just before is kept, and queueproof goes on with the new master."""

    async def scenario() -> None:
        async with trio(tmp_path) as made:
            master = made.row(made.master)
            if by == "freeze by command":
                told = [("kill", f"-{name}", str(made.master.pid)) for name in ("STOP", "CONT")]
                master = replace(master, process_root=None, freeze=told[0], thaw=told[1])
            target = target_of(made, master, made.row(made.replica))
            async with taken_hold_of(target) as stack:
                await stack.redis.view.client(1).set("lf:job:just-before:stream", "1")
                fault = make_fault({"fault": "sentinel_failover", "by": by.split()[0]}, stack)
                try:
                    await fault.apply()
                    assert f"127.0.0.1:{made.replica.port}" in await fault.confirm()
                    assert await role(made.replica) == "master"
                finally:
                    await fault.heal()
                assert await stack.redis.view.client(1).get("lf:job:just-before:stream") == "1"
                assert await role(made.master) == "slave"
                assert stack.redis.expected_up

    asyncio.run(scenario())


@needs_redis
def test_what_its_owner_did_not_declare_or_others_use_is_left_alone(tmp_path: Path) -> None:
    """Nobody's server is ended that no row names, none with other people's keys, none that would
    leave nobody.
    """

    async def refused(target: TargetConfig, by: str = "kill") -> str:
        async with taken_hold_of(target) as stack:
            fault = make_fault({"fault": "sentinel_failover", "by": by}, stack)
            with pytest.raises(NotAssessed) as said:
                await fault.apply()
            await fault.heal()
        return str(said.value)

    async def scenario() -> None:
        async with trio(tmp_path) as made:
            row = made.row(made.master)
            other = await refused(target_of(made, made.row(made.replica)))
            assert f"127.0.0.1:{made.master.port}, is none of [[chaos.redis_servers]]" in other
            assert "give start" in await refused(target_of(made, replace(row, start=())))
            unknown = replace(row, process_root=None)
            assert "give freeze and thaw" in await refused(target_of(made, unknown), by="freeze")
            async with Redis.from_url(made.master.url(0)) as client:
                await client.set("tenant:order:17", "1")
                assert "left alone: 1 of 1 keys" in await refused(target_of(made, row))
                await client.delete("tenant:order:17")
            await made.replica.kill()
            assert "no replica that is online" in await refused(target_of(made, row))
            assert await role(made.master) == "master"

    asyncio.run(scenario())


@pytest.fixture
def commands(tmp_path: Path) -> tuple[Path, ReplicaConfig]:
    """A row whose commands tell that they ran."""
    told = tmp_path / "told"
    note = (sys.executable, "-c", "import sys; open(sys.argv[1], 'a').write(sys.argv[2])")
    return (
        told,
        ReplicaConfig(
            url="redis://10.0.0.5:6379",
            freeze=(*note, str(told), "frozen "),
            thaw=(*note, str(told), "thawed "),
        ),
    )


def test_a_server_left_frozen_by_a_killed_run_is_thawed_by_its_owners_command(
    commands: tuple[Path, ReplicaConfig], tmp_path: Path
) -> None:
    told, row = commands
    servers = SentinelServers(SENTINELS, [row])
    journal = Journal(tmp_path / "left")
    (tmp_path / "left").mkdir()
    journal.note(Undo("frozen", noted(("10.0.0.5", 6379))))
    [file] = (tmp_path / "left").glob("*.json")
    file.rename(
        file.with_name(f"{process_mark().rpartition('-')[0]}-1-a.json")
    )  # its writer is gone

    another = SentinelServers(SENTINELS, [replace(row, url="redis://10.0.0.6:6379")])
    nobody = asyncio.run(heal_leftovers(thaw=another.thaw_called, folder=tmp_path / "left"))
    assert nobody == ()  # and the note is kept for a run on that server

    said = asyncio.run(heal_leftovers(thaw=servers.thaw_called, folder=tmp_path / "left"))

    assert said == ("Redis 10.0.0.5:6379, frozen by a run that was killed, is thawed",)
    assert told.read_text("utf-8") == "thawed "


def test_the_servers_are_named_as_the_sentinels_tell_them() -> None:
    given = {
        "replicas": [{"url": URL}],
        "redis_servers": [{"url": "redis://redis-0.redis", "kill": ["true"], "start": ["true"]}],
    }

    config = load_chaos(given, where="here")

    assert config.redis_servers[0].url == "redis://redis-0.redis:6379"
    for wrong in ("http://redis-0", "redis-0:6379", "redis://me:pw@redis-0", "redis://one/1"):
        with pytest.raises(UsageError) as refused:
            load_chaos({**given, "redis_servers": [{"url": wrong}]}, where="here")
        assert "pw" not in str(refused.value)
    half = {"url": "redis://one", "freeze": ["true"]}
    with pytest.raises(UsageError, match="freeze and thaw belong together"):
        load_chaos({**given, "redis_servers": [half]}, where="here")


@pytest.mark.parametrize("name", ["CHAOS-056", "CHAOS-223"])
def test_outages_of_sentinels_need_their_url_and_their_servers(name: str) -> None:
    (scenario,) = choose(load_scenarios(), [name])
    rows = ChaosConfig(redis_servers=(ReplicaConfig(url="redis://one:6379"),))
    whole = TargetConfig(urls=(URL,), redis_url=SENTINELS, chaos=rows)

    assert lacking_need(scenario, whole, launched=False) == ""
    for without in (replace(whole, chaos=None), replace(whole, redis_url="redis://one/1")):
        assert lacking_need(scenario, without, launched=False) == NEEDS["sentinels"]
