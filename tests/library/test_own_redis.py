"""A launched front's own Redis, which no outage touches."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
import redis

from queueproof.config.model import LaunchConfig
from queueproof.stack.own_redis import own_redis
from queueproof.stack.servers import Servers


@pytest.mark.parametrize(
    "config",
    [
        LaunchConfig(command=("front", "--own", "{own_redis_port}")),
        LaunchConfig(command=("front",), worker_command=("worker", "{own_redis_port}")),
        LaunchConfig(command=("front",), environment={"OWN": "redis://127.0.0.1:{own_redis_port}"}),
    ],
)
def test_a_start_that_names_it_gets_a_server_that_ends_with_the_run(config: LaunchConfig) -> None:
    async def visit() -> int:
        async with AsyncExitStack() as resources:
            port = int((await own_redis(config, Servers(), resources))["own_redis_port"])
            assert await asyncio.to_thread(answers, port)
            return port

    assert not answers(asyncio.run(visit()))


def test_nobody_else_gets_one() -> None:
    async def visit() -> dict[str, str]:
        async with AsyncExitStack() as resources:
            config = LaunchConfig(command=("front", "{redis_port}"))
            return await own_redis(config, Servers(), resources)

    assert asyncio.run(visit()) == {}


def answers(port: int) -> bool:
    with redis.Redis(port=port) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
