"""A stream that a case reads, and what becomes of one whose request is not answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

from queueproof.clock import waiting_for
from queueproof.errors import Inconclusive
from queueproof.history import Event, Operation
from queueproof.targets.job import Job
from queueproof.targets.protocol import Reply
from queueproof.targets.worker import Worker


class StreamUnanswered(Inconclusive):
    """The target did not even begin to answer the request for a stream."""


class StreamLost(Inconclusive):
    """The connection was lost before the target had begun to answer the request for a stream.

    `reused` when it had carried an answer before: then its server may have closed it in the
    instant of the request, as every server may. A connection of the request's own has no excuse.
    """

    def __init__(self, words: str, *, reused: bool) -> None:
        super().__init__(words)
        self.reused = reused


@dataclass
class OpenStream:
    """A stream a case is reading: the answer to opening it, and the events so far."""

    job: Job
    reply: Reply
    worker: Worker
    _source: AsyncIterator[Event]
    _operation: Operation
    events: list[Event] = field(default_factory=list)

    @property
    def asked_s(self) -> float:
        """When the stream was asked for."""
        return self._operation.invoked_s

    async def next_event(self, *, within_s: float) -> Event | None:
        """The next event; None at the end of the stream.

        Raises TimeoutError when nothing comes within `within_s` seconds.
        """
        waiting_for(within_s)
        async with asyncio.timeout(within_s):
            try:
                event = await anext(self._source, None)
            except httpx.HTTPError:
                self._operation.facts["ended"] = "broken"
                raise
        if event is not None:
            self.events.append(event)
            self._operation.events.append(event)
        else:
            self._operation.facts["ended"] = "clean"
        return event
