"""Following a job's events by polls and streams: each job's place among them is kept here.

A client keeps its own place: by the position that the last answer named, or by counting what was
told where every poll answers with everything so far.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from queueproof.history import Event
from queueproof.targets.bodies import pieces
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader, parse_frames, parse_lines
from queueproof.targets.generic.kept_streams import KeptStream, KeptStreams
from queueproof.targets.generic.states import StateReader
from queueproof.targets.generic.wire import MISSING
from queueproof.targets.http import Exchange
from queueproof.targets.protocol import PollReply, Role
from queueproof.targets.recent_jobs import RecentJobs
from queueproof.targets.vantage import Vantage

_STATUS_WITHIN_S = 10.0
#: A look at what has come of a stream that is kept is held no longer.
_LOOK_S = 0.5


class EventFollower:
    """Reads jobs as a mapping says; where only a state tells an end, the state is asked for."""

    def __init__(
        self, client: GenericClient, events: EventReader, states: StateReader, kept: KeptStreams
    ) -> None:
        self._client = client
        self._mapping = client.mapping
        self._events = events
        self._states = states
        self._kept = kept
        self._positions: RecentJobs[str] = RecentJobs()
        self._told: RecentJobs[int] = RecentJobs()
        self._over: RecentJobs[bool] = RecentJobs()

    async def poll(
        self,
        vantage: Vantage,
        job_id: str,
        *,
        role: Role,
        within_s: float,
        after: str | None = None,
    ) -> PollReply:
        """One poll from where the last one left off, or from `after`.

        Where no request tells events, the changes of the job's state are its events.
        """
        if "poll" not in self._mapping.calls and "status" in self._mapping.calls:
            return await self._states.poll(vantage, job_id, role=role, within_s=within_s)
        if (kept := self._kept.of(job_id)) is not None and "poll" not in self._mapping.calls:
            came = await kept.new(within_s=min(within_s, _LOOK_S))
            return kept.answer.as_reply().become(PollReply, events=tuple(came), position=None)
        values = {"job": job_id, "after": after or self._positions.get(job_id)}
        answer = await self._client.ask(vantage, "poll", values, within_s=within_s, role=role)
        reply = answer.as_reply()
        position = self._client.found(answer.json, "poll.position") if answer.ok else MISSING
        named = position is not MISSING and position is not None
        if named:
            self._positions[job_id] = str(position)
        return reply.become(
            PollReply,
            detail="" if answer.ok else reply.detail,
            events=tuple(await self._polled(vantage, job_id, answer)) if answer.ok else (),
            position=str(position) if named else None,
        )

    async def streamed(
        self, vantage: Vantage, job_id: str, response: httpx.Response
    ) -> AsyncIterator[Event]:
        """The stream's events; after its end the status, where no event tells the end."""
        parse = parse_frames if self._mapping.stream_format == "sse" else parse_lines
        async for body, size in parse(pieces(response)):
            for event in self._events.read(body, size=size):
                yield event
        for event in await self._ended_by_status(vantage, job_id):
            yield event

    async def kept(self, vantage: Vantage, job_id: str, kept: KeptStream) -> AsyncIterator[Event]:
        """What the answer to a job's submit tells; after its end the status, as above."""
        async for event in kept.follow():
            yield event
        for event in await self._ended_by_status(vantage, job_id):
            yield event

    async def _ended_by_status(self, vantage: Vantage, job_id: str) -> list[Event]:
        """The end by the status, where no event of a stream tells it."""
        if self._events.tells_the_end or "status" not in self._mapping.calls:
            return []
        told = await self._states.status(vantage, job_id, within_s=_STATUS_WITHIN_S)
        return self._states.ending(told)

    async def _polled(self, vantage: Vantage, job_id: str, answer: Exchange) -> list[Event]:
        """What a poll's answer tells that is new; the end too, where only a state tells it."""
        bodies = self._client.found(answer.json, "poll.events")
        bodies = bodies if isinstance(bodies, list) else []
        if self._mapping.whole:
            told = self._told.get(job_id, 0)
            self._told[job_id] = max(told, len(bodies))
            bodies = bodies[told:]
        events = self._events.read_all(bodies)
        if events:
            return events
        state = self._client.found(answer.json, "poll.state")
        if state is not MISSING:
            return self._events.ending(self._events.meaning_of(state), text=str(state))
        return await self._ended_apart(vantage, job_id)

    async def _ended_apart(self, vantage: Vantage, job_id: str) -> list[Event]:
        """The end of a job that only its status tells, once a poll has nothing more to tell.

        The status is asked after the poll and may be newer: one more empty poll must follow it.
        """
        if self._events.tells_the_end or "status" not in self._mapping.calls:
            return []
        told = await self._states.status(vantage, job_id, within_s=_STATUS_WITHIN_S)
        if told.ending is None or job_id not in self._over:
            if told.ending is not None:
                self._over[job_id] = True
            return []
        return self._states.ending(told)
