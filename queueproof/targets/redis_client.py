"""A client of Redis from its URL, also where Sentinels tell which server is the master.

With Sentinels every new connection asks them anew: after a failover it leads to the new master. A
connection to a master that has become a replica is given up at its first refused write.
"""

from __future__ import annotations

from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from queueproof.config.sentinel_url import SentinelUrl, names_sentinels, read_sentinel_url

_ANSWER_S = 2.0


def redis_client(url: str, **options: Any) -> Redis:
    """A client with these options, which are redis-py's; those in the URL win, but for `db`."""
    if not names_sentinels(url):
        return Redis.from_url(url, **options)
    place = read_sentinel_url(url)
    settings = {**options, **_settings(place)}
    if "db" in options:
        settings["db"] = options["db"]
    sentinel: Any = Sentinel(place.sentinels, sentinel_kwargs=sentinel_options(place))  # type: ignore[no-untyped-call]  # redis-py
    return cast(
        Redis,
        sentinel.master_for(place.service, connection_pool_class=_FollowingPool, **settings),
    )


def sentinel_options(place: SentinelUrl) -> dict[str, Any]:
    """How to reach one of the Sentinels themselves."""
    shared = {name: value for name, value in _settings(place).items() if name.startswith("ssl")}
    login = {"username": place.own_user, "password": place.own_password}
    return {
        **shared,
        **{name: value for name, value in login.items() if value},
        "socket_timeout": _ANSWER_S,
        "socket_connect_timeout": _ANSWER_S,
        # The next one is asked instead.
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": True,
    }


def _settings(place: SentinelUrl) -> dict[str, Any]:
    """What the URL says of connections to the master."""
    settings: dict[str, Any] = dict(parse_url(place.server()))
    settings.pop("host", None)
    if settings.pop("connection_class", None) is not None:
        settings["ssl"] = True
    return settings


class _FollowingPool(SentinelConnectionPool):
    """Closes the connections to the Sentinels with its own."""

    async def aclose(self) -> None:
        """Close them all."""
        await super().aclose()
        for sentinel in self.sentinel_manager.sentinels:
            await sentinel.aclose()
