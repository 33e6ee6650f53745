"""Writes a job's live events: numbered, kept for whoever must catch up, announced by pub/sub.

What is told at once is written in one go. An event counts as written once Redis said so. Until
then it is repeated under the same number, through an outage, for as long as the deployment's
patience lasts.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from dataclasses import dataclass
from functools import cache
from importlib import resources

import redis.asyncio as aredis

from reference_impl.core.predictions import Reason
from reference_impl.flowise.keys import Keys
from reference_impl.flowise.performer import CannotTell
from reference_impl.flowise.redis_link import REDIS_ERRORS

RETRY_S = 0.1
LIFE_WHILE_RUNNING_S = 3600
LIFE_AFTERWARDS_S = 30
# More than this is not kept back: a burst is streamed while it lasts, and no call grows large.
EVENTS_AT_ONCE = 16
CHARACTERS_AT_ONCE = 65_536
HOLD_LOST = 0
JOB_GONE = -1

# Events by number, with their text.
Events = list[tuple[int, str]]


@cache
def script_source(name: str) -> str:
    """The text of ``lua/<name>.lua``."""
    folder = resources.files("reference_impl.flowise") / "lua"
    return (folder / f"{name}.lua").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Hold:
    """A worker's hold on a job: the token its lock was taken with."""

    job_id: str
    chat_id: str
    token: str


class LiveWriter:
    """The events of one run of one job."""

    def __init__(self, client: aredis.Redis, keys: Keys, hold: Hold, *, patience_s: float) -> None:
        self._client = client
        self._keys = keys
        self._hold = hold
        self._patience_s = patience_s
        self._script = client.register_script(script_source("append"))
        self._last = 0
        self._characters = 0
        self._unwritten: deque[tuple[int, str]] = deque()

    @property
    def count(self) -> int:
        """How many events are known to be written."""
        return self._last - len(self._unwritten)

    async def tell(self, event: str, data: object) -> None:
        """Take one event, and write when there are enough; raises :class:`CannotTell`."""
        self._last += 1
        told = {"chatId": self._hold.chat_id, "eventType": event, "data": data}
        body = json.dumps({**told, "number": self._last, "jobId": self._hold.job_id})
        self._unwritten.append((self._last, body))
        self._characters += len(body)
        if len(self._unwritten) >= EVENTS_AT_ONCE or self._characters >= CHARACTERS_AT_ONCE:
            await self.write()

    async def write(self) -> None:
        """Write every event that was told; raises :class:`CannotTell`."""
        # A run that is stopped in mid-write leaves its events here; the next write takes them.
        while self._unwritten:
            batch = list(itertools.islice(self._unwritten, EVENTS_AT_ONCE))
            await self._write(batch)
            for _ in batch:
                self._unwritten.popleft()
        self._characters = 0

    async def close(self) -> None:
        """The run is over: its events are kept for late readers, not for long."""
        await self._client.pexpire(self._keys.live(self._hold.job_id), LIFE_AFTERWARDS_S * 1000)

    async def _write(self, events: Events) -> None:
        deadline_s = time.monotonic() + self._patience_s
        while True:
            try:
                return self._judge(await self._append(events))
            except REDIS_ERRORS:
                if time.monotonic() >= deadline_s:
                    raise CannotTell(Reason.OUTAGE) from None
                await asyncio.sleep(RETRY_S)

    async def _append(self, events: Events) -> int:
        job_id = self._hold.job_id
        keys = [self._keys.job(job_id), self._keys.lock(job_id), self._keys.live(job_id)]
        life_ms = LIFE_WHILE_RUNNING_S * 1000
        args: list[str | int] = [self._hold.token, life_ms, self._hold.chat_id]
        for number, body in events:
            args += [number, body]
        return int(await self._script(keys=keys, args=args))

    def _judge(self, answer: int) -> None:
        if answer == JOB_GONE:
            raise CannotTell(Reason.DATA_LOST)
        if answer == HOLD_LOST:
            raise CannotTell(Reason.WORKER_DIED)
