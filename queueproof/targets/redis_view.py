"""Redis as the harness sees it: the keys of a job, whatever the target names them, and the few
facts about the server that cases need. Layout is never assumed: a job's keys are those whose
name contains its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis.exceptions as errors
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from queueproof.waiting import eventually

_SCAN = 500


@dataclass(frozen=True)
class Key:
    """One key; `ttl_s` is None when it never expires."""

    index: int
    name: str
    type: str
    ttl_s: float | None


class RedisView:
    """A client of the target's Redis; `index` is the queue's database index, if the URL says."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = urlunsplit(parts._replace(path=""))
        self.url = url
        index = parts.path.strip("/")
        self.index: int | None = int(index) if index.isdigit() else None
        self._clients: dict[int, Redis] = {}

    def client(self, index: int = 0) -> Redis:
        """A client on one database index."""
        if index not in self._clients:
            self._clients[index] = Redis.from_url(
                self._server,
                db=index,
                decode_responses=True,
                socket_timeout=5.0,
                # A fault may have cut our own connections too; a hang is not waited out thrice.
                retry=Retry(ConstantBackoff(0.05), 3, supported_errors=(errors.ConnectionError,)),
            )
        return self._clients[index]

    def client_as(self, user: str, password: str) -> Redis:
        """A client in another user's name; the caller closes it."""
        parts = urlsplit(self._server)
        where = parts.netloc.rpartition("@")[2]
        url = urlunsplit(parts._replace(netloc=f"{user}:{password}@{where}"))
        return Redis.from_url(url, decode_responses=True, socket_timeout=5.0)

    async def indexes(self) -> list[int]:
        """Database indexes that hold any key."""
        keyspace: dict[str, Any] = await self.client().info("keyspace")
        return sorted(int(name.removeprefix("db")) for name in keyspace)

    async def keys_of(self, job_id: str) -> list[Key]:
        """Every key, on any index, whose name contains the job's id."""
        return [key for index in await self.indexes() for key in await self._keys(index, job_id)]

    async def _keys(self, index: int, job_id: str) -> list[Key]:
        client = self.client(index)
        names = [name async for name in client.scan_iter(f"*{job_id}*", count=_SCAN)]
        found = await asyncio.gather(*(self._describe(index, name) for name in names))
        return [key for key in found if key is not None]

    async def _describe(self, index: int, name: str) -> Key | None:
        async with self.client(index).pipeline(transaction=False) as pipeline:
            pipeline.type(name)
            pipeline.pttl(name)
            kind, ttl_ms = await pipeline.execute()
        if ttl_ms == -2:
            return None
        return Key(index, name, kind, None if ttl_ms == -1 else ttl_ms / 1000)

    async def now_s(self) -> float:
        """The server's clock."""
        seconds, micros = await self.client().time()
        return float(seconds) + float(micros) / 1e6

    async def heartbeat_of(self, job_id: str) -> Key | None:
        """The key that holds the last sign of life of the job's client.

        Recognised by its value, a recent Unix time, since its name is the target's affair.
        """
        now_s = await self.now_s()
        for key in await self.keys_of(job_id):
            if key.type == "string" and _is_recent(await self.get(key), now_s):
                return key
        return None

    async def subscribers(self) -> int:
        """How many connections are subscribed to anything."""
        answer = await command(self.client(), "CLIENT", "LIST", "TYPE", "pubsub")
        text = answer if isinstance(answer, str) else "\n".join(map(str, answer or ()))
        return len([line for line in text.splitlines() if line.strip()])

    async def channels(self, job_id: str) -> list[str]:
        """Channels with a subscriber whose name contains the job's id."""
        answer = await command(self.client(), "PUBSUB", "CHANNELS", f"*{job_id}*")
        return sorted(str(name) for name in answer)

    async def longest_stream(self, pattern: str) -> tuple[int, int]:
        """Entries held and ever added, of the stream by that name with most added; (0, 0) if none.

        On the queue's index; needs Redis 7 to know what was ever added.
        """
        client = self.client(self.index or 0)
        found = [(0, 0)]
        async for name in client.scan_iter(pattern, count=_SCAN, _type="STREAM"):
            facts: dict[str, Any] = await client.xinfo_stream(name)
            held = int(facts["length"])
            found.append((held, int(facts.get("entries-added", held))))
        return max(found, key=lambda entry: entry[1])

    async def largest_set(self, pattern: str) -> int:
        """Members of the largest sorted set by that name, on the queue's index."""
        client = self.client(self.index or 0)
        names = [name async for name in client.scan_iter(pattern, count=_SCAN, _type="ZSET")]
        return max([int(await client.zcard(name)) for name in names], default=0)

    async def hash_now(self, text: str) -> tuple[str, set[str]]:
        """A hash, on the queue's index, one of whose fields contains `text`: its key's name and
        its fields' names; an empty name when there is none.
        """
        client = self.client(self.index or 0)
        async for name in client.scan_iter(count=_SCAN, _type="HASH"):
            fields = {str(k): str(v) for k, v in (await client.hgetall(name)).items()}
            if any(text in value for value in fields.values()):
                return str(name), set(fields)
        return "", set()

    async def hash_with(self, text: str, *, within_s: float) -> tuple[str, set[str]]:
        """Wait for such a hash (see `hash_now`) for `within_s` seconds."""
        found, _ = await eventually(
            lambda: self.hash_now(text), lambda hit: bool(hit[0]), within_s=within_s
        )
        return found

    async def get(self, key: Key) -> str:
        """The value of a string key; empty when it is gone."""
        return str(await self.client(key.index).get(key.name) or "")

    async def put(self, key: Key, value: str) -> None:
        """Overwrite a string key, keeping its life; one that is gone stays gone."""
        await self.client(key.index).set(key.name, value, keepttl=True, xx=True)

    async def close(self) -> None:
        """Close every client."""
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))
        self._clients.clear()


async def command(client: Redis, *words: str) -> Any:
    """Send one raw command."""
    answer: Awaitable[Any] = client.execute_command(*words)  # type: ignore[no-untyped-call]  # redis-py
    return await answer


def _is_recent(value: str, now_s: float) -> bool:
    try:
        return abs(float(value) - now_s) < 3600.0
    except ValueError:
        return False
