"""A proxy that understands the Redis protocol, so that a fault can strike at a chosen command.

It sits between a replica's Toxiproxy proxy and Redis, passes every byte as it came, keeps a log
of the commands, and lets injections act on those that match.
"""

from __future__ import annotations

import asyncio
import time

from queueproof.stack.loopback_front import LoopbackFront
from queueproof.stack.redis_proxy.injection import (
    Act,
    Action,
    Injection,
    Matches,
    Moment,
    RedisCommand,
)
from queueproof.stack.redis_proxy.proxied_connection import ProxiedConnection
from queueproof.stack.redis_proxy.resp import Words

__all__ = [
    "Act",
    "Action",
    "Injection",
    "Matches",
    "Moment",
    "RedisCommand",
    "RedisProxies",
    "RedisProxy",
]


class RedisProxies:
    """The Redis proxies of all replicas, their common log, and the injections that wait."""

    def __init__(self) -> None:
        self.each: list[RedisProxy] = []
        self.commands: list[RedisCommand] = []
        self._injections: list[Injection] = []
        self._connections = 0

    @property
    def active(self) -> bool:
        """Whether the proxies are in place."""
        return bool(self.each)

    async def add(self, replica: int, upstream: str) -> RedisProxy:
        """A proxy for one replica, in front of the server at `upstream` (host:port)."""
        redis_proxy = RedisProxy(replica, upstream, self)
        await redis_proxy.start()
        self.each.append(redis_proxy)
        return redis_proxy

    def inject(
        self,
        matches: Matches,
        *,
        nth: int = 1,
        moment: Moment,
        action: Action | Act,
        times: int = 1,
    ) -> Injection:
        """Set a trap; it counts from now on."""
        return self.place(Injection(matches, nth, moment, action, times))

    def place(self, injection: Injection) -> Injection:
        """Set a trap that was made elsewhere."""
        self._injections.append(injection)
        return injection

    async def forget(self, injection: Injection) -> None:
        """Release an injection and remove it; twice is fine."""
        await injection.release()
        if injection in self._injections:
            self._injections.remove(injection)

    async def stop(self) -> None:
        """Release everything and stop listening."""
        for injection in tuple(self._injections):
            await self.forget(injection)
        for redis_proxy in self.each:
            await redis_proxy.stop()
        self.each.clear()

    def connected(self) -> int:
        """A number for a new connection."""
        self._connections += 1
        return self._connections

    def arrived(
        self, replica: int, connection: int, words: Words
    ) -> tuple[RedisCommand, Injection | None]:
        """Log a command; which injection, if any, takes it. Every injection counts it."""
        command = RedisCommand(len(self.commands), time.monotonic(), replica, connection, words)
        self.commands.append(command)
        takers = [injection for injection in self._injections if injection.takes(command)]
        return command, takers[0] if takers else None


class RedisProxy(LoopbackFront):
    """Listens on loopback for one replica; `listen` says where, once it has begun."""

    def __init__(self, replica: int, upstream: str, redis_proxies: RedisProxies) -> None:
        super().__init__()
        self.upstream = upstream
        self._replica = replica
        self._redis_proxies = redis_proxies

    @property
    def listen(self) -> str:
        """Its address."""
        return f"127.0.0.1:{self.port}"

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self.upstream.rpartition(":")
        server = await asyncio.open_connection(host, int(port))
        connection = self._redis_proxies.connected()
        await ProxiedConnection(
            (reader, writer),
            server,
            lambda words: self._redis_proxies.arrived(self._replica, connection, words),
        ).run()
