"""A job's state, result and end, by requests that tell no events.

Theory: an API that tells states alone still has readers. A change of state is an event of theirs:
the job's beginning, once, and its end, each time they ask. What the job did between is seen by the
witness alone.
"""

from __future__ import annotations

import asyncio

from queueproof.history import Event, Outcome
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.wire import MISSING, find
from queueproof.targets.job import ending_of
from queueproof.targets.protocol import PollReply, Role
from queueproof.targets.recent_jobs import RecentJobs
from queueproof.targets.statuses import StatusReply
from queueproof.targets.vantage import Vantage

#: Between two looks at the state of one job, by one client.
_BETWEEN_LOOKS_S = 0.15


class StateReader:
    """Asks for states and results as a mapping says."""

    def __init__(self, client: GenericClient, events: EventReader) -> None:
        self._client = client
        self._events = events
        self._looked_at: RecentJobs[bool] = RecentJobs()
        self._begun: RecentJobs[bool] = RecentJobs()

    async def status(
        self, vantage: Vantage, job_id: str, *, within_s: float, role: Role = Role.USER
    ) -> StatusReply:
        """The mapping's status."""
        asked = {"job": job_id}
        answer = await self._client.ask(vantage, "status", asked, within_s=within_s, role=role)
        reply = answer.as_reply()
        state = self._client.found(answer.json, "status.state") if answer.ok else MISSING
        ended = self._events.ending(self._events.meaning_of(state), text=str(state))
        return reply.become(
            StatusReply,
            detail="" if answer.ok else reply.detail,
            state="" if state is MISSING else str(state),
            running=self._events.is_running(state),
            ending=ending_of(ended),
        )

    async def result(self, vantage: Vantage, job_id: str, *, within_s: float) -> StatusReply:
        """What the job has computed, by a request of its own or in its status."""
        own = "result" in self._client.mapping.calls
        name, entry = ("result", "result.value") if own else ("status", "status.result")
        answer = await self._client.ask(vantage, name, {"job": job_id}, within_s=within_s)
        found = self._client.found(answer.json, entry) if answer.ok else MISSING
        return answer.as_reply().become(StatusReply, result=None if found is MISSING else found)

    async def dead_letters(
        self, vantage: Vantage, *, within_s: float, role: Role = Role.USER
    ) -> StatusReply:
        """The ids of what has failed for good; None as the result where no list is found."""
        answer = await self._client.ask(vantage, "dead", {}, within_s=within_s, role=role)
        rows = self._client.found(answer.json, "dead.ids") if answer.ok else MISSING
        place = self._client.mapping.paths.get("dead.id", ".")
        ids = [str(find(row, place)) for row in rows] if isinstance(rows, list) else None
        return answer.as_reply().become(StatusReply, result=ids)

    async def poll(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> PollReply:
        """A look at the state, as a poll: the job's beginning once, its end each time."""
        if job_id in self._looked_at:
            await asyncio.sleep(min(_BETWEEN_LOOKS_S, within_s / 2))
        self._looked_at[job_id] = True
        told = await self.status(vantage, job_id, within_s=within_s, role=role)
        events: list[Event] = []
        if told.outcome is Outcome.OK:
            events = self.ending(told)
            if not events and job_id not in self._begun and self._events.is_running(told.state):
                self._begun[job_id] = True
                events = self._events.beginning(text=told.state)
        return told.become(PollReply, events=tuple(events))

    def ending(self, told: StatusReply) -> list[Event]:
        """The events for an end that a status told; none for one that is no end."""
        return self._events.ending(self._events.meaning_of(told.state), text=told.state)
