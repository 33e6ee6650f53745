"""Pools of connections to Redis by its URL, also where Sentinels tell which server is the master.

``redis+sentinel://[user:password@]host:port[,host:port…]/service[/index]``: every new connection
asks the Sentinels, and a connection to another server than they tell now is not used any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio as aredis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.asyncio.sentinel import SentinelConnectionPool as AsyncSentinelPool
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

SENTINEL_PORT = 26379
#: A Sentinel that is silent for longer is passed over; the next one is asked.
SENTINEL_WITHIN_S = 1.0

_FORM = re.compile(
    r"redis\+sentinel://(?P<login>[^@/]*@)?(?P<hosts>[\w.-]+(?::\d+)?(?:,[\w.-]+(?::\d+)?)*)"
    r"/(?P<service>[\w.-]+)(?:/(?P<index>\d+))?"
)


@dataclass(frozen=True)
class Watched:
    """A master by the name that Sentinels have for it; ``url`` is its own, but for the host."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    index: int
    url: str


def watched(url: str) -> Watched | None:
    """What a URL of Sentinels says; None for any other."""
    found = _FORM.fullmatch(url)
    if found is None:
        return None
    places = [host.partition(":") for host in found["hosts"].split(",")]
    return Watched(
        tuple((host, int(port or SENTINEL_PORT)) for host, _, port in places),
        found["service"],
        int(found["index"] or 0),
        f"redis://{found['login'] or ''}master/{found['index'] or 0}",
    )


def pool_of(url: str, **options: Any) -> aredis.ConnectionPool:
    """A pool for the event loop, with these options."""
    place = watched(url)
    if place is None:
        return aredis.ConnectionPool.from_url(url, **options)
    retry = AsyncRetry(NoBackoff(), 0)
    manager: Any = AsyncSentinel(place.sentinels, sentinel_kwargs=_asking(retry))  # type: ignore[no-untyped-call]
    return _FollowingPool(place.service, manager, **options, **_login(place))  # type: ignore[no-untyped-call]


def blocking_pool_of(url: str, **options: Any) -> redis.ConnectionPool:
    """A pool for threads, with these options."""
    place = watched(url)
    if place is None:
        return redis.ConnectionPool.from_url(url, **options)
    retry = Retry(NoBackoff(), 0)
    manager: Any = Sentinel(place.sentinels, sentinel_kwargs=_asking(retry))  # type: ignore[no-untyped-call]
    return SentinelConnectionPool(place.service, manager, **options, **_login(place))  # type: ignore[no-untyped-call]


def leads_elsewhere(connection: Any, pool: Any) -> bool:
    """Whether a connection was made to another master than the Sentinels told last."""
    told = getattr(pool, "master_address", None)
    return told is not None and (connection.host, connection.port) != told


class _FollowingPool(AsyncSentinelPool):
    """Closes the connections to the Sentinels with its own."""

    async def aclose(self) -> None:
        """Close them all."""
        await super().aclose()
        for sentinel in self.sentinel_manager.sentinels:
            await sentinel.aclose()


def _asking(retry: Any) -> dict[str, Any]:
    return {
        "socket_timeout": SENTINEL_WITHIN_S,
        "socket_connect_timeout": SENTINEL_WITHIN_S,
        "retry": retry,
    }


def _login(place: Watched) -> dict[str, Any]:
    said = dict(parse_url(place.url))
    del said["host"]
    return said
