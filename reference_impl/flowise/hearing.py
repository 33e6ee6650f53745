"""Hears what happens in the queue, for ever, and knows whether it does.

BullMQ's ``QueueEvents`` gives up at the first error. Here it is begun anew each time, on a client
that notes every answer, so that the difference between a quiet queue and a deaf listener shows.
What happened in between is not repeated: whoever hears must look for itself after a gap.

A job is five events of its queue, and everybody hears all of them: read one by one they would cost
each process more than the job costs the one that runs it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import redis.asyncio as aredis
from bullmq import QueueEvents

from reference_impl.flowise.redis_link import connect
from reference_impl.flowise.settings import Settings

BLOCK_MS = 1000
RETRY_S = 0.2
LOG = logging.getLogger("flowise.hearing")

# Takes the fields of one event of the queue.
Hear = Callable[[Mapping[str, Any]], None]


class NotingRedis(aredis.Redis):
    """Notes when a read of the event stream was answered, even by silence."""

    heard_s: float | None = None
    gather_s: float = 0.0
    _is_busy = False

    async def xread(self, *args: Any, **options: Any) -> Any:
        """Read, and note that it was answered; what follows an answer closely is gathered."""
        if self._is_busy:
            await asyncio.sleep(self.gather_s)
        answer = await super().xread(*args, **options)
        self.heard_s, self._is_busy = time.monotonic(), bool(answer)
        return answer


class Hearing:
    """The events of one queue, by name."""

    def __init__(
        self,
        settings: Settings,
        hear: Mapping[str, Hear],
        *,
        gather_s: float,
        after_gap: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._hear = hear
        self._gather_s = gather_s
        self._after_gap = after_gap
        self._client: NotingRedis | None = None

    @property
    def heard_s(self) -> float | None:
        """When the queue last answered, by the monotonic clock."""
        return self._client.heard_s if self._client is not None else None

    async def run(self) -> None:
        """Listen for ever, across outages."""
        while True:
            client = cast(NotingRedis, connect(self._settings, kind=NotingRedis))
            # The health of the last connection says nothing about this one.
            self._client, client.heard_s = client, self.heard_s
            client.gather_s = self._gather_s
            try:
                await client.ping()
                client.heard_s = time.monotonic()
                self._after_gap()
                await self._events(client).run()
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the hearing
                self._note(error)
            finally:
                await client.aclose()
                await client.connection_pool.disconnect()
            await asyncio.sleep(RETRY_S)

    def _events(self, client: NotingRedis) -> QueueEvents:
        options: Any = {
            "connection": client,
            "autorun": False,
            "blockingTimeout": BLOCK_MS,
            "skipVersionCheck": True,
        }
        events = QueueEvents(self._settings.prediction_queue, options)
        events.on("error", self._note)
        for name, hear in self._hear.items():
            # Handlers must not raise: that would end the reading.
            events.on(name, lambda fields, _entry_id, hear=hear: hear(fields))
        return events

    def _note(self, error: Exception) -> None:
        LOG.warning("queue events: connection lost: %s", type(error).__name__)
