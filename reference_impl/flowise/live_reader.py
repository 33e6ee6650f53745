"""Reads live events for clients: pushed by pub/sub, and caught up from the stream where it failed.

Pub/sub forgets whoever was away for a moment. Every event has a number, so a reader knows what
it missed; what it missed is in the stream. A reader never skips: it delivers the next number, or
asks for it, or says how many it could not get.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reference_impl.core.predictions import Delivery, judge_sequence
from reference_impl.flowise.redis_link import REDIS_ERRORS

RETRY_S = 0.2


@dataclass(frozen=True)
class LiveEvent:
    """One event of a job, by its number (from 1)."""

    number: int
    name: str
    data: object

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> LiveEvent:
        """The event that was told so."""
        return cls(int(told["number"]), told["eventType"], told["data"])


def announced(body: str) -> list[Mapping[str, Any]]:
    """The events of one message, as they were told: one, or several that were told at once."""
    told = json.loads(body)
    return told if isinstance(told, list) else [told]


class Replay(Protocol):
    """Where missed events are."""

    async def replay(self, job_id: str, *, after: int) -> list[LiveEvent]:
        """The events after a number, in order; may raise what Redis raises."""


class LiveReader:
    """What one client reads of one job."""

    def __init__(self, job_id: str, chat_id: str, replay: Replay) -> None:
        self.job_id = job_id
        self.chat_id = chat_id
        self.delivered = 0
        self._replay = replay
        self._pushed: deque[LiveEvent] = deque()
        self._behind = True
        self._wake = asyncio.Event()

    @property
    def is_behind(self) -> bool:
        """Whether what it may have missed could not be asked for yet."""
        return self._behind

    def push(self, event: LiveEvent) -> None:
        """An event was announced."""
        self._pushed.append(event)
        self._wake.set()

    def keep_up(self) -> None:
        """Nothing was announced yet, and whatever will be is heard."""
        self._behind = False

    def fall_behind(self) -> None:
        """Announcements may have been missed."""
        self._behind = True
        self._wake.set()

    def wake(self) -> None:
        """There is news of another kind."""
        self._wake.set()

    async def ready(self) -> AsyncIterator[LiveEvent]:
        """The events that can be delivered now, in order."""
        self._wake.clear()
        while self._pushed:
            event = self._pushed.popleft()
            match judge_sequence(delivered=self.delivered, number=event.number):
                case Delivery.NEXT:
                    self.delivered = event.number
                    yield event
                case Delivery.GAP:
                    self._behind = True
                case Delivery.OLD:
                    continue
        if self._behind:
            async for event in self._caught_up():
                yield event

    async def wait(self, *, within_s: float) -> None:
        """Wait for news, no longer than this."""
        try:
            async with asyncio.timeout(RETRY_S if self._behind else within_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _caught_up(self) -> AsyncIterator[LiveEvent]:
        # What falls behind while the answer is under way must be asked for again.
        self._behind = False
        try:
            missed = await self._replay.replay(self.job_id, after=self.delivered)
        except REDIS_ERRORS:
            self._behind = True
            return
        for event in missed:
            if judge_sequence(delivered=self.delivered, number=event.number) is Delivery.NEXT:
                self.delivered = event.number
                yield event
