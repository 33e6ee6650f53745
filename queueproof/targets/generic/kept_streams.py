"""Submits whose own answer is the stream of their job's events: kept open, and read as they come.

Theory: such an API tells a job's events once, to whoever submitted it. So the answer is read by a
task of its own, on a connection of its own, from the submit on to the job's end, whatever the
reader does; a client that went away might be taken for one that has lost interest. What has come
is there for one reader, who may come late.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from queueproof.errors import NotAssessed
from queueproof.history import Event
from queueproof.targets.bodies import Unreadable, pieces
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader, parse_frames, parse_lines
from queueproof.targets.generic.wire import MISSING
from queueproof.targets.http import Exchange, streaming
from queueproof.targets.protocol import Role
from queueproof.targets.reaching import lost_words, unreachable
from queueproof.targets.recent_jobs import RecentJobs
from queueproof.targets.vantage import Vantage

_SILENCE_S = 300.0
#: What the self-check wants to see of an answer that nobody understood.
_HEARD = 400
_FIRST_BODIES = 100


class KeptStream:
    """The answer to one submit, as far as it has come.

    `answer` is its head (with what was heard of its body first), `bodies` the first objects in it,
    `taken` whether somebody reads it, `trouble` why it broke off, if it did, `answered_by` the
    worker that gave it, where its head names one.
    """

    def __init__(self) -> None:
        self.answer = Exchange(trouble="no answer")
        self.job_id: str | None = None
        self.bodies: list[Any] = []
        self.taken = False
        self.trouble: httpx.HTTPError | None = None
        self.answered_by: str | None = None
        self.known = asyncio.Event()
        self.over = False
        self._events: list[Event] = []
        self._told = 0
        self._news = asyncio.Event()

    def add(self, events: list[Event]) -> None:
        """More has come."""
        self._events += events
        self._news.set()

    def end(self) -> None:
        """Nothing more comes."""
        self.over = True
        self.known.set()
        self._news.set()

    async def new(self, *, within_s: float) -> list[Event]:
        """What has come since the last look, waiting a little for it; nothing once all was told."""
        if self._told == len(self._events) and not self.over:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), within_s)
            except TimeoutError:
                return []
        told, self._told = self._told, len(self._events)
        return self._events[told:]

    async def follow(self) -> AsyncIterator[Event]:
        """Everything, as it comes; raises httpx.HTTPError where the connection broke."""
        while True:
            for event in await self.new(within_s=_SILENCE_S):
                yield event
            if self.over and self._told == len(self._events):
                break
        if self.trouble is not None:
            raise self.trouble


class KeptStreams:
    """Submits jobs, and keeps the answers of those that were taken, by the jobs' ids."""

    def __init__(self, client: GenericClient, events: EventReader) -> None:
        self._client = client
        self._events = events
        self._streams: RecentJobs[KeptStream] = RecentJobs()
        self._reading: set[asyncio.Task[None]] = set()

    def of(self, job_id: str) -> KeptStream | None:
        """The answer to a job's submit, if that was a stream."""
        return self._streams.get(job_id)

    def taken(self, job_id: str, *, owner: bool) -> KeptStream:
        """The answer to a job's submit, for its one reader; raises NotAssessed for any other."""
        kept = self._streams.get(job_id)
        if kept is None or kept.taken or not owner:
            raise NotAssessed(
                "a job's events are streamed once, to whoever has submitted it: the mapping names "
                "no stream ([mapping.stream])"
            )
        kept.taken = True
        return kept

    async def submit(
        self,
        vantage: Vantage,
        values: Mapping[str, Any],
        *,
        chosen_id: str,
        within_s: float,
        role: Role = Role.USER,
    ) -> KeptStream:
        """Submit, and wait until the job's id is known or the answer is none.

        The vantage is told who answered, though that was on another connection than its own.
        Raises TargetUnreachable when nobody listens.
        """
        kept = KeptStream()
        task = asyncio.create_task(self._read(kept, vantage, values, chosen_id, role))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
        try:
            await asyncio.wait_for(kept.known.wait(), within_s)
        except TimeoutError:
            task.cancel()
            kept.answer = Exchange(trouble=f"no answer within {within_s:.1f} s")
        vantage.answered_by = kept.answered_by
        if isinstance(kept.trouble, httpx.ConnectError):
            raise unreachable(vantage.url, kept.trouble)
        if kept.job_id is not None:
            self._streams[kept.job_id] = kept
        return kept

    async def _read(
        self,
        kept: KeptStream,
        vantage: Vantage,
        values: Mapping[str, Any],
        chosen_id: str,
        role: Role,
    ) -> None:
        method = self._client.call("submit").method
        path, request = self._client.request("submit", values, role=role)
        own = Vantage(vantage.url, worker_header=vantage.worker_header)
        try:
            async with streaming(own, method, path, silence_s=_SILENCE_S, **request) as opened:
                kept.answer, response = opened
                kept.answered_by = own.answered_by
                if kept.answer.status == 200:
                    await self._follow(kept, response, chosen_id)
        except httpx.HTTPError as error:
            kept.trouble = error
            if kept.answer.status is None:
                kept.answer = Exchange(trouble=f"connection lost: {lost_words(error)}")
        except Unreadable as flaw:
            kept.trouble = httpx.DecodingError(str(flaw))
        finally:
            kept.end()
            await own.close()

    async def _follow(self, kept: KeptStream, response: httpx.Response, chosen_id: str) -> None:
        """Read an answer to its end; its job's id is in its head, or in one of its events."""
        sse = self._client.mapping.submit_format == "sse"
        raw = bytearray()
        self._name(kept, kept.answer, chosen_id)
        async for body, size in (parse_frames if sse else parse_lines)(_heard(response, raw)):
            if len(kept.bodies) < _FIRST_BODIES:
                kept.bodies.append(body)
            if kept.job_id is None and self._client.found(body, "submit.job_id") is not MISSING:
                self._name(kept, Exchange(status=200, text=json.dumps(body)), chosen_id)
            kept.add(self._events.read(body, size=size))
        kept.answer = Exchange(
            status=200, headers=kept.answer.headers, text=raw.decode("utf-8", "replace")
        )

    def _name(self, kept: KeptStream, answer: Exchange, chosen_id: str) -> None:
        kept.job_id = self._client.job_id(answer, chosen_id=chosen_id)
        if kept.job_id is not None:
            kept.known.set()


async def _heard(response: httpx.Response, raw: bytearray) -> AsyncIterator[bytes]:
    async for chunk in pieces(response):
        raw += chunk[: max(0, _HEARD - len(raw))]
        yield chunk
