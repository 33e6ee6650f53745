"""`--stack containers` on a real engine; skipped, with the reason, where none answers."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from queueproof.errors import UsageError
from queueproof.stack.containers import REDIS_IMAGE_VARIABLE, TOXIPROXY_IMAGE_VARIABLE
from queueproof.stack.servers import Servers, servers_of

from ..end_to_end.conftest import run_gate

pytestmark = pytest.mark.usefixtures("container_environment")


def container_names() -> set[str]:
    """Every container of these images that is there, running or not."""
    import docker

    client = docker.from_env()
    try:
        ours = (os.environ[REDIS_IMAGE_VARIABLE], os.environ[TOXIPROXY_IMAGE_VARIABLE])
        return {
            str(one.name)
            for image in ours
            for one in client.containers.list(all=True, filters={"ancestor": image})
        }
    finally:
        client.close()


def test_a_redis_in_a_container_is_as_a_local_one() -> None:
    """It starts on loopback, is frozen by its process id, keeps or loses its data, and goes."""

    async def live() -> None:
        server = servers_of("containers").redis(password="secret")
        try:
            await server.start()
            port = server.port
            assert server.running
            assert psutil.Process(server.pid).name().startswith("redis-server")
            psutil.Process(server.pid).send_signal(signal.SIGSTOP)
            assert not await server.answers()
            psutil.Process(server.pid).send_signal(signal.SIGCONT)
            assert await server.answers()
            await set_key(server.url())
            await server.stop(keep_data=True)
            assert not server.running
            await server.start()
            assert (server.port, await has_key(server.url())) == (port, True)
            await server.stop()
            await server.start()
            assert not await has_key(server.url())
            await server.kill()
            assert not server.running
        finally:
            await server.close()

    asyncio.run(live())
    assert container_names() == set()


def test_a_toxiproxy_in_a_container_leads_to_redis() -> None:
    async def live() -> bool:
        servers = servers_of("containers")
        redis, toxiproxy = servers.redis(), servers.toxiproxy()
        try:
            await redis.start()
            await toxiproxy.start()
            state = await toxiproxy.api.create("one", upstream=f"127.0.0.1:{redis.port}")
            return await has_key(f"redis://{state.listen}") is False
        finally:
            await toxiproxy.close()
            await redis.close()

    assert asyncio.run(live())
    assert container_names() == set()


def test_whether_redis_has_tls_is_seen_in_the_image() -> None:
    local = asyncio.run(Servers().redis_has_tls())

    assert asyncio.run(servers_of("containers").redis_has_tls()) is local


def test_a_gate_runs_on_containers(tmp_path: Path) -> None:
    """A case that reads, and one that freezes its own Redis."""
    images = {name: os.environ[name] for name in (REDIS_IMAGE_VARIABLE, TOXIPROXY_IMAGE_VARIABLE)}
    words = ("--stack", "containers", "--only", "STRM-005", "--only", "LIFE-005")
    run = run_gate(*words, out=tmp_path, **images)

    assert run.exit_code == 0, run.output
    assert container_names() == set()


def test_an_outage_is_played_on_containers(tmp_path: Path) -> None:
    """Redis and Toxiproxy in containers, the fault confirmed and healed."""
    command = [sys.executable, "-m", "queueproof", "chaos", "--stack", "containers"]
    run = subprocess.run(
        [*command, "--only", "CHAOS-001", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert container_names() == set()


def test_an_image_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REDIS_IMAGE_VARIABLE, "localhost:1/no-such-image:1")

    with pytest.raises(UsageError, match=r"no-such-image:1 does not start.*REDIS_IMAGE"):
        asyncio.run(servers_of("containers").redis().start())


async def set_key(url: str) -> None:
    from redis.asyncio import Redis

    async with Redis.from_url(url) as client:
        await client.set("key", "value")


async def has_key(url: str) -> bool:
    from redis.asyncio import Redis

    async with Redis.from_url(url) as client:
        return bool(await client.exists("key"))
