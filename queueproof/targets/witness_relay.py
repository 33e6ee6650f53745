"""The witness through Redis: for jobs that reach their queue's Redis, but not the harness.

A job adds each tick to a stream there and waits until it was heard, as it does over HTTP. So what
it says in its events comes after what the witness knows. The key goes with the run; a run that is
killed leaves one that expires.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

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
        self._over = False

    def start(self) -> None:
        """Begin to read."""
        self._client = redis_client(self._url, decode_responses=True, socket_timeout=_ANSWER_S)
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

    async def _read(self) -> None:
        """Every entry once, whatever breaks on the way."""
        last = "0"
        while not self._over:
            try:
                told = await self._client.xread({self.stream: last}, count=500, block=_HOLD_MS)
                for entry, fields in told[0][1] if told else ():
                    self._saw(fields)
                    last = entry
                    await self._confirm(str(fields.get("heard", "")))
            except (RedisError, OSError) as error:
                self._witness.trouble = " ".join(str(error).split()) or type(error).__name__
                await asyncio.sleep(_AGAIN_S)

    def _saw(self, fields: dict[str, str]) -> None:
        tick = fields.get("tick", "")
        if tick.isdigit():
            self._witness.saw(fields.get("key", ""), Sighting(int(tick), self._history.now_s()))

    async def _confirm(self, heard: str) -> None:
        """Tell the job that waits for it, and have both keys end by themselves."""
        async with self._client.pipeline(transaction=False) as pipeline:
            if heard:
                name = f"{self.stream}:{heard}"
                pipeline.rpush(name, "1")
                pipeline.expire(name, _HEARD_S)
            pipeline.expire(self.stream, _KEPT_S)
            await pipeline.execute()
