"""Redis servers that are looked into, and targets that use them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from redis.asyncio import Redis

from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.redis_view import RedisView
from queueproof.targets.system import System

MANY = 1_000_000


@asynccontextmanager
async def server(*options: str, password: str = "") -> AsyncIterator[RedisServer]:
    made = RedisServer(
        find_redis_binary(), options=("--enable-debug-command", "yes", *options), password=password
    )
    try:
        await made.start()
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[RedisView]:
    view = RedisView(url)
    try:
        yield view
    finally:
        await view.close()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def populate(made: RedisServer, index: int, keys: int = MANY) -> None:
    async with Redis.from_url(made.url(index), socket_timeout=60.0) as client:
        await client.execute_command("DEBUG", "POPULATE", str(keys), f"tenant{index}")


async def written(made: RedisServer) -> int:
    """How many commands that may write the server has carried out, by its own statistics."""
    async with Redis.from_url(made.url()) as client:
        return int((await client.info("persistence"))["rdb_changes_since_last_save"])


class Target:
    """Stands for a target: it makes a job's keys when one is submitted, some when it ends."""

    def __init__(self, view: RedisView, made: RedisServer, *, index: int, flowise: bool) -> None:
        self.redis = view
        self.adapter = SimpleNamespace(operations={"predict"} if flowise else {"poll"})
        self._url = made.url(index)
        self._flowise = flowise
        self.jobs = 6

    async def try_submit(self, _: Any) -> tuple[Any, Any]:
        job = SimpleNamespace(id=str(uuid.uuid4()), key=uuid.uuid4().hex, owner="a", system=self)
        async with Redis.from_url(self._url) as client:
            if self._flowise:
                self.jobs += 1
                fields = {"data": f'"{job.key}"', "name": "job", "opts": "{}", "timestamp": "1"}
                await client.hset(f"bull:queue:{self.jobs}", mapping=cast(Any, fields))
                await client.set("bull:queue:id", self.jobs)
            else:
                await client.xadd(f"lf:job:{job.id}:stream", {"a": "b"})
        return job, SimpleNamespace(words="200")

    async def poll(self, job: Any, **_: Any) -> None:
        async with Redis.from_url(self._url) as client:
            await client.set(f"lf:job:{job.id}:activity", "1.0", ex=9)

    def others(self, _: Any) -> list[str]:
        return ["b"]

    async def cancel(self, job: Any, **_: Any) -> None:
        if not self._flowise:
            async with Redis.from_url(self._url) as client:
                await client.set(f"lf:cancel:{job.id}", "1", ex=9)


def target(view: RedisView, made: RedisServer, *, index: int = 1, flowise: bool = False) -> System:
    return cast(System, Target(view, made, index=index, flowise=flowise))


async def nothing(_: Any) -> None:
    """In place of what need not happen."""
