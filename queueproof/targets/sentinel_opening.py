"""A look at the Sentinels of a URL: whether one of them tells which server is the master."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from queueproof.config.sentinel_url import SentinelUrl, read_sentinel_url
from queueproof.targets.redis_client import sentinel_options
from queueproof.targets.redis_view import command

Address = tuple[str, int]
#: Redis's own default.
_DOWN_AFTER_S = 30.0
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


async def master_told(url: str) -> Address | None:
    """The master that most of the Sentinels tell; None where they do not agree."""
    place = read_sentinel_url(url)
    words = ("GET-MASTER-ADDR-BY-NAME", place.service)
    answers = await asyncio.gather(*(_answer(place, *each, *words) for each in place.sentinels))
    told: list[Address] = [(str(each[0]), int(each[1])) for each in answers if each]
    agreed = [each for each in set(told) if 2 * told.count(each) > len(place.sentinels)]
    return agreed[0] if agreed else None


async def down_after_s(url: str) -> float:
    """The longest time for which one of them lets a master be silent; 30 s where none says."""
    place = read_sentinel_url(url)
    rows = await asyncio.gather(
        *(_answer(place, *each, "MASTER", place.service) for each in place.sentinels)
    )
    said = [_field(row, "down-after-milliseconds") for row in rows if row]
    return max((float(ms) / 1000.0 for ms in said if ms), default=_DOWN_AFTER_S)


async def _answer(place: SentinelUrl, host: str, port: int, *words: str) -> Any:
    """What one of them answers; None for an error."""
    async with Redis(host=host, port=port, **sentinel_options(place)) as client:
        try:
            return await command(client, "SENTINEL", *words)
        except (RedisError, OSError):
            return None


def _field(row: Any, name: str) -> str:
    """A field of what Redis tells as a list of names and values, or (RESP 3) as a map."""
    pairs = row if isinstance(row, dict) else dict(zip(row[::2], row[1::2], strict=False))
    return str(pairs.get(name, ""))


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
