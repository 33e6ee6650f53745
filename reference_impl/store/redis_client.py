"""Connections to Redis, and the named scripts that run there.

No client here retries by itself: whoever asks knows whether repeating is safe and for how long.
Every read is bounded by a socket timeout, so that a frozen Redis is noticed and never waited out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import redis
import redis.asyncio as aredis
import redis.exceptions as errors
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from reference_impl.common.redis_pools import blocking_pool_of, pool_of
from reference_impl.core.rules import LeaseRule

HEALTH_CHECK_S = 10
MAX_CONNECTIONS = 10_000
RESP_VERSION = 2

REDIS_ERRORS = (errors.RedisError, OSError, TimeoutError)


@dataclass(frozen=True)
class RedisPlan:
    """How to reach the queue's Redis, and the timings kept there. All times are seconds."""

    url: str
    db: int
    answer_timeout_s: float
    ttl_s: int
    activity_ttl_s: int
    marker_ttl_s: int
    settle_s: float
    lease: LeaseRule


def connect(plan: RedisPlan) -> aredis.Redis:
    """A client for the event loop; connections are made when first needed."""
    pool = pool_of(
        plan.url,
        retry=AsyncRetry(NoBackoff(), 0),
        **_options(timeout_s=plan.answer_timeout_s, max_connections=MAX_CONNECTIONS),
    )
    return aredis.Redis(connection_pool=pool)


def connect_blocking(url: str, *, timeout_s: float) -> redis.Redis:
    """A client for threads and for the checks at start."""
    pool = blocking_pool_of(
        url, retry=Retry(NoBackoff(), 0), **_options(timeout_s=timeout_s, max_connections=4)
    )
    return redis.Redis(connection_pool=pool)


def _options(*, timeout_s: float, max_connections: int) -> dict[str, Any]:
    return {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "socket_keepalive": True,
        "health_check_interval": HEALTH_CHECK_S,
        "protocol": RESP_VERSION,
        "decode_responses": True,
        "max_connections": max_connections,
    }


@cache
def script_source(name: str) -> str:
    """The text of ``lua/<name>.lua`` with the common prelude before it."""
    folder = resources.files("reference_impl.store") / "lua"
    prelude = (folder / "_prelude.lua").read_text(encoding="utf-8")
    return prelude + "\n" + (folder / f"{name}.lua").read_text(encoding="utf-8")


@cache
def script_digest(name: str) -> str:
    """What Redis calls the script."""
    return hashlib.sha1(script_source(name).encode(), usedforsecurity=False).hexdigest()


class Scripts:
    """The named scripts. An unknown one (restart, SCRIPT FLUSH) is sent anew."""

    async def run(self, name: str, *, keys: Sequence[str], args: Sequence[object]) -> Any:
        """Run one script; its reply is as Redis sent it."""
        question: tuple[Any, ...] = ("EVALSHA", script_digest(name), len(keys), *keys, *args)
        try:
            return await self.ask(*question)
        except errors.NoScriptError:
            await self.ask("SCRIPT", "LOAD", script_source(name))
            return await self.ask(*question)

    async def ask(self, *question: str | int) -> Any:
        """One command; its reply is as Redis sent it.

        It knows no timeout: whoever asks bounds the whole (``RedisStore._ask``), and a question
        that is given up in the middle closes its connection.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of the connections."""
        raise NotImplementedError


class PooledScripts(Scripts):
    """The scripts on a pool of their own, like a client's."""

    def __init__(self, client: aredis.Redis) -> None:
        pool = client.connection_pool
        unbounded = {"socket_timeout": None, "health_check_interval": 0}
        self._told_by, self._led_to = pool, None
        self._own = aredis.ConnectionPool(
            connection_class=pool.connection_class,
            max_connections=MAX_CONNECTIONS,
            **(pool.connection_kwargs | unbounded),
        )
        self._client: Any = aredis.Redis(connection_pool=self._own)
        # A reply is as Redis sent it, whatever the command.
        self._client.response_callbacks.clear()

    async def ask(self, *question: str | int) -> Any:
        """Ask by the client; what was connected to an earlier master is not asked any more."""
        master = getattr(self._told_by, "master_address", None)
        if master != self._led_to:
            self._led_to = master
            await self._own.disconnect(inuse_connections=False)
        return await self._client.execute_command(*question)

    async def close(self) -> None:
        """Let go of the pool."""
        await self._client.aclose(close_connection_pool=True)
