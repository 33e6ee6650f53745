"""The store in one process's memory: the default, for a deployment with a single worker.

Langflow 1.10 "Deploy Langflow with multiple workers", introduction: build state in memory can be
read only by the process that holds it. Every method here runs without yielding to the event loop
(``follow`` apart), which is what makes it atomic.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reference_impl.core.events import Closing, Event
from reference_impl.core.states import JobState, Signal, advance
from reference_impl.store.base import (
    Activities,
    Activity,
    CursorBusy,
    Entry,
    Record,
    Reservation,
    Sent,
    StoreUnavailable,
    View,
    Written,
    ending_of,
)


@dataclass
class _Cursor:
    at: int = 0
    prev: int = 0
    token: str | None = None
    since_s: float = 0.0


@dataclass
class _Job:
    reservation: Reservation
    started_s: float
    state: JobState = JobState.STARTING
    reason: str = ""
    entries: list[Entry] = field(default_factory=list)
    cursor: _Cursor = field(default_factory=_Cursor)
    polled_s: float | None = None
    activity: str = ""
    marker: tuple[str, float] | None = None
    expires_s: float | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)


class MemoryStore:
    """Implements :class:`reference_impl.store.base.Store` for one process."""

    def __init__(
        self,
        *,
        ttl_s: float,
        marker_ttl_s: float,
        settle_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settle_s = settle_s
        self._ttl_s = ttl_s
        self._marker_ttl_s = marker_ttl_s
        self._clock = clock
        self._jobs: dict[str, _Job] = {}

    async def now_s(self) -> float:
        """This process's clock."""
        return self._clock()

    async def reserve(self, reservation: Reservation) -> float:
        """Create the record; return its start time. Safe to repeat with the same fence."""
        self._expire()
        now = self._clock()
        job = self._jobs.setdefault(reservation.job_id, _Job(reservation, now))
        if job.reservation != reservation:
            raise StoreUnavailable(f"job id {reservation.job_id} is taken")
        job.activity = f"{now:.3f}"
        return job.started_s

    async def discard(self, job_id: str) -> bool:
        """Forget a reservation that nobody was told of; False if it has written."""
        job = self._find(job_id)
        if job is not None and job.entries:
            return False
        self._jobs.pop(job_id, None)
        return True

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append events exactly once; with ``closing``, end the job in the same step."""
        kept = self._find(job.job_id)
        refusal = self._refusal(kept, job)
        if kept is None or refusal is Written.GONE:
            return Written.GONE
        last = first + len(events) - 1
        if refusal is Written.OVER and closing and last == len(kept.entries):
            same = advance(JobState.RUNNING, closing.signal) is kept.state
            return Written.DONE if same else Written.OVER
        if refusal is not None:
            return refusal
        if first > len(kept.entries) + 1:
            return Written.TORN
        self._add(kept, events[max(0, len(kept.entries) + 1 - first) :], closing)
        return Written.DONE

    async def close_job(self, job: Reservation, closing: Closing, *, written: int = 0) -> Written:
        """End the owner's job; nothing that was ``written`` is lost here."""
        kept = self._find(job.job_id)
        refusal = self._refusal(kept, job)
        if kept is None or refusal is not None:
            return refusal or Written.GONE
        self._add(kept, closing.events, closing)
        return Written.DONE

    async def abandon(self, job_id: str, closing: Closing) -> bool:
        """End a job that this process no longer runs; False if there is none."""
        job = self._find(job_id)
        if job is None or job.state.is_over:
            return False
        self._add(job, closing.events, closing)
        return True

    async def lose(self, job_id: str, closing: Closing) -> bool:
        """The owner is this process: it cannot be dead and be asked."""
        return False

    async def record(self, job_id: str) -> Record | None:
        """The job's record, None if unknown or expired."""
        job = self._find(job_id)
        if job is None:
            return None
        held = job.reservation
        written = len(job.entries)
        return Record(job_id, held.user_id, held.worker_id, job.state, written, job.reason)

    async def read(self, job_id: str, *, after: int, limit: int | None = None) -> View | None:
        """See the events behind a position, without moving anything."""
        job, record = self._find(job_id), await self.record(job_id)
        if job is None or record is None:
            return None
        starved_s = 0.0 if job.polled_s is None else self._clock() - job.polled_s
        stop = None if limit is None else after + limit
        entries = tuple(job.entries[after:stop])
        return View(record, after, entries, bool(job.entries), starved_s, ownerless=False)

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Move the shared cursor past everything written and return what it passed."""
        job = self._find(job_id)
        if job is None:
            return None
        if not job.entries and job.polled_s is None:
            job.polled_s = self._clock()
        cursor, now = job.cursor, self._clock()
        if cursor.token not in {None, token} and now - cursor.since_s < self._settle_s:
            raise CursorBusy(job_id)
        after = cursor.at if cursor.token is None else cursor.prev
        if len(job.entries) > after:
            job.cursor = _Cursor(at=len(job.entries), prev=after, token=token, since_s=now)
        return await self.read(job_id, after=after)

    async def confirm(self, job_id: str, *, token: str) -> bool:
        """Settle a take: its events were sent. False if it is not open any more."""
        return self._settle(job_id, token, lambda cursor: cursor.at)

    async def give_back(self, job_id: str, *, token: str) -> bool:
        """Settle a take: its events reached nobody. False if it is not open any more."""
        return self._settle(job_id, token, lambda cursor: cursor.prev)

    async def ending(self, job_id: str) -> tuple[Entry, ...]:
        """The job's last event, with the error before it if that says how the job ended."""
        job = self._find(job_id)
        return ending_of(job.entries[-2:]) if job else ()

    async def follow(
        self, job_id: str, *, after: int, within_s: float, limit: int
    ) -> tuple[Entry, ...]:
        """Wait for events behind a position; empty when time is up or something is odd."""
        job = self._find(job_id)
        try:
            async with asyncio.timeout(within_s):
                while job is None or len(job.entries) <= after:
                    await (job.news.wait() if job else asyncio.sleep(within_s))
        except TimeoutError:
            return ()
        return tuple(job.entries[after : after + limit])

    async def touch(self, job_id: str) -> None:
        """Write the job's heartbeat: a client cares."""
        job = self._find(job_id)
        if job is not None:
            job.activity = f"{self._clock():.3f}"

    async def activities(self, job_ids: Sequence[str]) -> Activities:
        """Read heartbeats."""
        found = {job_id: self._find(job_id) for job_id in job_ids}
        by_job = {key: Activity(job.activity if job else None) for key, job in found.items()}
        return Activities(self._clock(), by_job)

    async def signal_cancel(self, record: Record, *, reason: str) -> Sent:
        """Leave the cancel marker; there is nobody else to tell."""
        job = self._find(record.job_id)
        if job is None:
            return Sent.GONE
        if job.state.is_over:
            return Sent.OVER
        job.marker = (reason, self._clock() + self._marker_ttl_s)
        return Sent.SENT

    async def markers(self, job_ids: Sequence[str]) -> dict[str, str]:
        """The reasons of those jobs that have a cancel marker."""
        marked = {job_id: job.marker for job_id in job_ids if (job := self._find(job_id))}
        now = self._clock()
        return {key: marker[0] for key, marker in marked.items() if marker and marker[1] > now}

    async def ownerless(self) -> list[str]:
        """Never any: see ``lose``."""
        return []

    async def ping(self) -> None:
        """Memory is always there."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def _settle(self, job_id: str, token: str, position: Callable[[_Cursor], int]) -> bool:
        job = self._find(job_id)
        if job is None or job.cursor.token != token:
            return False
        job.cursor = _Cursor(at=position(job.cursor))
        return True

    def _refusal(self, kept: _Job | None, job: Reservation) -> Written | None:
        if kept is None:
            return Written.GONE
        if kept.reservation.fence != job.fence:
            return Written.FENCED
        return Written.OVER if kept.state.is_over else None

    def _add(self, job: _Job, events: Sequence[Event], closing: Closing | None) -> None:
        job.state = advance(job.state, closing.signal if closing else Signal.WRITE)
        for event in events:
            job.entries.append(Entry(len(job.entries) + 1, event))
        if closing is not None:
            job.reason = closing.reason
            job.expires_s = self._clock() + self._ttl_s
        news, job.news = job.news, asyncio.Event()
        news.set()

    def _find(self, job_id: str) -> _Job | None:
        job = self._jobs.get(job_id)
        if job is not None and job.expires_s is not None and job.expires_s <= self._clock():
            del self._jobs[job_id]
            return None
        return job

    def _expire(self) -> None:
        for job_id in list(self._jobs):
            self._find(job_id)
