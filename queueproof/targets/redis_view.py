"""Redis as the harness sees it: the keys of a job, whatever the target names them, and the few
facts about the server that cases need. Layout is never assumed: a job's keys are those whose
name contains its id.

A Redis that is not ours may hold a million keys of other people. What a look costs it is bounded
(see `redis_budget`): where an index is small, its names are gone through; where it is large, the
names that a scratch job has shown are asked for. No value is read but the target's own.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from typing import Any

import redis.exceptions as errors
from redis.asyncio import Redis

from queueproof.errors import Inconclusive
from queueproof.targets.key_patterns import KeyPatterns
from queueproof.targets.redis_access import RedisAccess
from queueproof.targets.redis_budget import SCAN, SMALL, Budget
from queueproof.waiting import eventually

#: Seconds, milliseconds, microseconds, nanoseconds.
_PARTS_OF_A_SECOND = (1, 10**3, 10**6, 10**9)
_LATEST = 100


@dataclass(frozen=True)
class Key:
    """One key; `ttl_s` is None when it never expires."""

    index: int
    name: str
    type: str
    ttl_s: float | None

    @property
    def life(self) -> str:
        """Its name, and for how long it lives, in words."""
        left = "never expires" if self.ttl_s is None else f"has {self.ttl_s:.0f} s left"
        return f"{self.name} {left}"


@dataclass(frozen=True)
class Look:
    """The keys that one look found.

    `complete` unless an index was too large to go through: then a key whose name the scratch job
    did not show would not be found. `took_s` is how long the look lasted.
    """

    keys: tuple[Key, ...]
    complete: bool
    took_s: float


class RedisView(RedisAccess):
    """What is in the target's Redis.

    `ours` when the server was started by queueproof: then nobody else's keys are in it.
    """

    def __init__(self, url: str, *, ours: bool = False) -> None:
        super().__init__(url)
        self.ours = ours
        self.patterns = KeyPatterns()
        self.budget = Budget(unlimited=ours)

    async def sizes(self) -> dict[int, int]:
        """How many keys each database index holds; those without any are left out."""
        rows = await self._keyspace()
        return {
            index: sum(int(row["keys"]) for row in of_index) for index, of_index in rows.items()
        }

    async def lasting_keys(self) -> int:
        """How many keys, on all indexes, have no time to live."""
        rows = [row for of_index in (await self._keyspace()).values() for row in of_index]
        return sum(int(row["keys"]) - int(row["expires"]) for row in rows)

    async def _keyspace(self) -> dict[int, list[dict[str, Any]]]:
        """What each server says of each index that holds keys."""
        found: dict[int, list[dict[str, Any]]] = {}
        # The server on index 0 may be another user's affair: ask where the URL leads.
        for client in await self.holders(self.home):
            with self.budget.spent():
                keyspace: dict[str, dict[str, Any]] = await client.info("keyspace")
            for name, row in keyspace.items():
                found.setdefault(int(name.removeprefix("db")), []).append(row)
        return found

    async def size(self, index: int) -> int:
        """How many keys one index holds."""
        total = 0
        for client in await self.holders(index):
            with self.budget.spent():
                total += int(await client.dbsize())
        return total

    async def keys_of(self, job_id: str) -> list[Key]:
        """Keys of the queue's index whose name contains the job's id; of a Redis of ours, of every
        index.
        """
        return list((await self.look(job_id, everywhere=self.ours)).keys)

    async def look(self, job_id: str, *, everywhere: bool = False) -> Look:
        """Keys whose name contains the job's id, on the queue's index or on every one."""
        began = time.monotonic()
        sizes = await self.sizes() if everywhere else {self.home: await self.size(self.home)}
        found: list[Key] = []
        for index, size in sorted(sizes.items()):
            gone_through = self.ours or size <= SMALL
            # Of a Cluster's keys some may move from server to server while these are gone through.
            by_name = self.cluster is not None or not gone_through
            names = set(self.patterns.of(job_id)) if by_name else set[str]()
            if gone_through:
                names |= {name async for name in self.names(index, f"*{job_id}*")}
            found += await self._describe(index, sorted(names))
        complete = self.ours or all(size <= SMALL for size in sizes.values())
        return Look(tuple(found), complete, time.monotonic() - began)

    async def names(self, index: int, match: str = "*", *, kind: str = "") -> AsyncIterator[str]:
        """Names of keys on an index, batch by batch."""
        for client in await self.holders(index):
            cursor, first = 0, True
            while cursor or first:
                with self.budget.spent():
                    cursor, batch = await client.scan(cursor, match, count=SCAN, _type=kind or None)
                first = False
                for name in batch:
                    yield str(name)

    async def _describe(self, index: int, names: Sequence[str]) -> list[Key]:
        if not names:
            return []
        with self.budget.spent(2 * len(names)):
            async with self.keyed(index).pipeline(transaction=False) as pipeline:
                for name in names:
                    pipeline.type(name)
                    pipeline.pttl(name)
                said = await pipeline.execute()
        rows = zip(names, said[::2], said[1::2], strict=True)
        return [
            Key(index, name, str(kind), None if ttl_ms == -1 else ttl_ms / 1000)
            for name, kind, ttl_ms in rows
            if ttl_ms != -2
        ]

    async def now_s(self) -> float:
        """The server's clock; ours where it may not be asked."""
        try:
            with self.budget.spent():
                seconds, micros = await (await self.holders(self.home))[0].time()
        except errors.NoPermissionError:
            return time.time()
        return float(seconds) + float(micros) / 1e6

    async def heartbeat_of(self, job_id: str, *, in_any_unit: bool = False) -> Key | None:
        """The key that holds the last sign of life of the job's client.

        Recognised by its value, a recent Unix time, since its name is the target's affair: in
        seconds, so that whoever wants to can write another, or `in_any_unit`.
        """
        now_s, parts = await self.now_s(), _PARTS_OF_A_SECOND if in_any_unit else (1,)
        for key in await self.keys_of(job_id):
            if key.type != "string":
                continue
            value = await self.get(key)
            if any(_is_recent(value, now_s, parts=each) for each in parts):
                return key
        return None

    async def subscribers(self) -> int:
        """How many connections are subscribed to anything."""
        number = 0
        for client in await self.servers():
            answer = await command(client, "CLIENT", "LIST", "TYPE", "pubsub")
            text = answer if isinstance(answer, str) else "\n".join(map(str, answer or ()))
            number += len([line for line in text.splitlines() if line.strip()])
        return number

    async def channels(self, job_id: str) -> list[str]:
        """Channels with a subscriber whose name contains the job's id."""
        found = set[str]()
        for client in await self.servers():
            with self.budget.spent():
                found |= set(map(str, await command(client, "PUBSUB", "CHANNELS", f"*{job_id}*")))
        return sorted(found)

    async def longest_stream(self, pattern: str) -> tuple[int, int]:
        """Entries held and ever added, of the stream by that name with most added; (0, 0) if none.

        On the queue's index of a Redis of ours; needs Redis 7 to know what was ever added.
        """
        client = self.keyed(self.home)
        found = [(0, 0)]
        async for name in self.names(self.home, pattern, kind="STREAM"):
            facts: dict[str, Any] = await client.xinfo_stream(name)
            held = int(facts["length"])
            found.append((held, int(facts.get("entries-added", held))))
        return max(found, key=lambda entry: entry[1])

    async def largest_set(self, pattern: str) -> int:
        """Members of the largest sorted set by that name, on the index of a queue of ours."""
        client = self.keyed(self.home)
        names = [name async for name in self.names(self.home, pattern, kind="ZSET")]
        return max([int(await client.zcard(name)) for name in names], default=0)

    async def hash_now(self, text: str, passed: set[str] | None = None) -> tuple[str, set[str]]:
        """A hash, on the queue's index, one of whose fields contains `text`: its key's name and
        its fields' names; an empty name when there is none.

        Of a Redis that is not ours only hashes are read that the target has numbered, the latest
        hundred; `passed` are those that need not be read again. Raises Inconclusive when the
        scratch job did not show what these are called.
        """
        passed = set() if passed is None else passed
        for name in await self._hashes():
            if name in passed:
                continue
            values = await self.fields(name)
            if any(text in value for value in values.values()):
                return name, set(values)
            if not self.ours:
                passed.add(name)
        return "", set()

    async def _hashes(self) -> list[str]:
        """Names of hashes that may be a job's."""
        if self.ours:
            return [name async for name in self.names(self.home, kind="HASH")]
        if not self.patterns.numbered:
            raise Inconclusive("the scratch job did not show which hashes hold the jobs' data")
        names = []
        for head in self.patterns.numbered:
            with self.budget.spent():
                # BullMQ counts its jobs there, and numbers them so.
                latest = str(await self.keyed(self.home).get(f"{head}id") or "")
            if not latest.isdigit():
                raise Inconclusive(f"{head}id does not tell the number of the latest job")
            numbers = range(int(latest), max(0, int(latest) - _LATEST), -1)
            names += [f"{head}{number}" for number in numbers]
        return [key.name for key in await self._describe(self.home, names) if key.type == "hash"]

    async def fields(self, name: str) -> dict[str, str]:
        """A hash of the target's, on the queue's index."""
        with self.budget.spent():
            answer = await self.keyed(self.home).hgetall(name)
        return {str(field): str(value) for field, value in answer.items()}

    async def hash_with(self, text: str, *, within_s: float) -> tuple[str, set[str]]:
        """Wait for such a hash (see `hash_now`) for `within_s` seconds."""
        passed: set[str] = set()
        found, _ = await eventually(
            lambda: self.hash_now(text, passed), lambda hit: bool(hit[0]), within_s=within_s
        )
        return found

    async def get(self, key: Key) -> str:
        """The value of a string key; empty when it is gone."""
        with self.budget.spent():
            return str(await self.keyed(key.index).get(key.name) or "")

    async def put(self, key: Key, value: str) -> None:
        """Overwrite a string key, keeping its life; one that is gone stays gone."""
        await self.keyed(key.index).set(key.name, value, keepttl=True, xx=True)


async def command(client: Redis, *words: str) -> Any:
    """Send one raw command."""
    answer: Awaitable[Any] = client.execute_command(*words)  # type: ignore[no-untyped-call]  # redis-py
    return await answer


def _is_recent(value: str, now_s: float, *, parts: int) -> bool:
    """Whether a text is a Unix time of the last hour or the next, `parts` of it a second."""
    try:
        return abs(float(value) / parts - now_s) < 3600.0
    except ValueError:
        return False
