"""A look at the Sentinels of a URL: whether one of them tells which server is the master."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from queueproof.config.sentinel_url import SentinelUrl, read_sentinel_url
from queueproof.targets.redis_client import sentinel_options
from queueproof.targets.redis_view import command

#: Why a Sentinel tells nothing: the first of these that any of them has is the one to mend.
_NOT_WATCHED = "no Sentinel at {hosts} watches a master called {service!r}: correct it in the URL"
_NO_LOGIN = (
    "the Sentinels at {hosts} refuse the login: their own password goes into the URL as "
    "?sentinel_password=…, and their user, if they have one, as &sentinel_username=…"
)
_UNTRUSTED = (
    "the Sentinels at {hosts}: their certificate is not trusted; give its authority as ca, or set "
    "SSL_CERT_FILE"
)
_NO_SENTINEL = "what answers at {hosts} is no Sentinel: a Redis server's URL begins with redis://"
_SILENT = "no Sentinel answers at {hosts}: correct --redis-url, or QUEUEPROOF_REDIS_URL"
_REASONS = (_NOT_WATCHED, _NO_LOGIN, _UNTRUSTED, _NO_SENTINEL, _SILENT)


async def why_no_master(url: str) -> str:
    """Why none of them tells a master, in one line without secrets; empty when one does."""
    place = read_sentinel_url(url)
    said = await asyncio.gather(*(_ask(place, *each) for each in place.sentinels))
    if "" in said:
        return ""
    hosts = ", ".join(f"{host}:{port}" for host, port in place.sentinels)
    return min(said, key=_REASONS.index).format(hosts=hosts, service=place.service)


async def _ask(place: SentinelUrl, host: str, port: int) -> str:
    """Why this one does not tell, one of the reasons above; empty when it does."""
    async with Redis(host=host, port=port, **sentinel_options(place)) as client:
        try:
            told = await command(client, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", place.service)
        except (RedisError, OSError) as error:
            return _meaning(error)
    return "" if told else _NOT_WATCHED


def _meaning(error: Exception) -> str:
    # What it says may hold the name of a host.
    if isinstance(error, AuthenticationError | NoPermissionError):
        return _NO_LOGIN
    said = str(error).lower()
    if "certificate" in said:
        return _UNTRUSTED
    return _NO_SENTINEL if "unknown command" in said else _SILENT
