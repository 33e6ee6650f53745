"""A deployment's own master, replica and Sentinels, as a target file may name them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from queueproof.config.model import ReplicaConfig
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.stack.sentinels import Sentinels


class Trio:
    """A master, its replica, and three Sentinels; what the owner's start command brings up ends
    with it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.master, self.replica = (RedisServer(find_redis_binary()) for _ in range(2))
        self.sentinels = Sentinels("redis-server")

    async def start(self) -> None:
        for server in (self.master, self.replica):
            await server.start()
        await self.replica.follow(self.master)
        await self.sentinels.start(self.master)

    async def stop(self) -> None:
        await self.sentinels.stop()
        for server in (self.master, self.replica):
            async with Redis.from_url(server.url(), socket_timeout=2.0) as client:
                with suppress(RedisError, OSError):
                    await client.shutdown(nosave=True)
            await server.close()

    def row(self, server: RedisServer) -> ReplicaConfig:
        """As its owner declares it: by its process, and the command that starts it."""
        start = ("redis-server", "--port", str(server.port), "--bind", "127.0.0.1", "--save", "")
        apart = ("--dir", str(self.folder), "--daemonize", "yes")
        return ReplicaConfig(url=server.url(), process_root=server.pid, start=(*start, *apart))


@asynccontextmanager
async def trio(folder: Path) -> AsyncIterator[Trio]:
    """All five, while the body lasts; `folder` is for what an owner's command starts."""
    made = Trio(folder)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
