"""The witness through Redis: for jobs that reach their queue's Redis, but not the harness.

A job adds each tick to a stream there and waits until it was heard, as it does over HTTP. So what
it says in its events comes after what the witness knows.

The stream is made here, with an end: jobs add to one that is there and make none. So nothing stays
in a Redis of others, whichever they reach, and however late they report. It goes with the run; a
run that is killed leaves one that expires.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from queueproof.errors import UsageError
from queueproof.history import History
from queueproof.targets.redis_client import redis_client
from queueproof.targets.witness import Sighting, Witness
from queueproof.targets.witness_address import through_redis

_KEPT_S = 3600
_HEARD_S = 30
_HOLD_MS = 1000
_ANSWER_S = 5.0
_AGAIN_S = 0.2


class WitnessRelay:
    """Hands a stream's entries to the witness as they come; `address` is what jobs are told."""

    def __init__(self, witness: Witness, history: History, url: str) -> None:
        self.stream = f"queueproof:witness:{uuid.uuid4().hex}"
        self.address = through_redis(self.stream)
        self._witness = witness
        self._history = history
        self._url = url
        self._client: Any = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: list[str] = []
        self._over = False

    async def start(self) -> None:
        """Make the stream, and begin to read; raises UsageError, in one line, if it may not."""
        self._client = redis_client(
            self._url,
            decode_responses=True,
            encoding_errors="backslashreplace",
            socket_timeout=_ANSWER_S,
        )
        try:
            await self._make()
        except (RedisError, OSError) as error:
            await self._client.aclose()
            raise UsageError(
                f'witness_through = "redis": no stream can be made there: {_words(error)}'
            ) from None
        self._witness.place = f"the stream {self.stream} of the queue's Redis"
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Read no more, and leave nothing behind."""
        if self._reading is not None:
            # A cancel that meets a reply is lost in the client: so it is told twice.
            self._over = True
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            with suppress(RedisError, OSError):
                await self._client.delete(self.stream)
            await self._client.aclose()

    async def _make(self) -> None:
        """Make the stream, which then ends by itself: by an entry that says nothing."""
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.xadd(self.stream, {"key": ""})
            pipeline.expire(self.stream, _KEPT_S)
            await pipeline.execute()

    async def _read(self) -> None:
        """Every entry once, whatever breaks on the way."""
        last = "0"
        while not self._over:
            try:
                told = await self._client.xread({self.stream: last}, count=500, block=_HOLD_MS)
                at_s = self._history.now_s()
                for entry, fields in _entries(told):
                    last = entry
                    self._saw(fields, at_s)
                if not await self._confirm():
                    # It was flushed or evicted.
                    await self._make()
                    last = "0"
            except Exception as error:  # noqa: BLE001  (a reader that ends would be deaf unnoticed)
                self._witness.trouble = _words(error)
                await asyncio.sleep(_AGAIN_S)

    def _saw(self, fields: dict[str, str], at_s: float) -> None:
        if fields.get("heard"):
            self._waiting.append(fields["heard"])
        tick = fields.get("tick", "")
        if tick.isascii() and tick.isdigit():
            self._witness.saw(fields.get("key", ""), Sighting(int(tick), at_s))

    async def _confirm(self) -> bool:
        """Tell the jobs that wait, and have every key end by itself.

        Returns whether the stream is still there.
        """
        async with self._client.pipeline(transaction=True) as pipeline:
            for heard in self._waiting:
                name = f"{self.stream}:{heard}"
                pipeline.rpush(name, "1")
                pipeline.expire(name, _HEARD_S)
            pipeline.expire(self.stream, _KEPT_S)
            said = await pipeline.execute()
        self._waiting.clear()
        return bool(said[-1])


def _entries(told: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The entries of one stream: a list or a dict, by the protocol that the URL asks for."""
    streams = told.values() if isinstance(told, dict) else [entries for _, entries in told or ()]
    for each in (each for entries in streams for each in entries):
        yield from each if isinstance(each, list) else (each,)


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
