"""The store protocol: every decision that must be atomic is one method here.

Positions count a job's events from 1; position 0 is before the first. All methods are bounded in
time and raise :class:`StoreUnavailable` beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from reference_impl.core.events import Closing, Event
from reference_impl.core.states import JobState


class StoreUnavailable(Exception):
    """The store did not answer in time, or refused to."""


class CursorBusy(Exception):
    """Another poll has taken events and it is not known yet whether they were delivered."""


@dataclass(frozen=True)
class Reservation:
    """A job about to start: whose it is, who runs it, and the token that proves it."""

    job_id: str
    user_id: str
    worker_id: str
    fence: str


@dataclass(frozen=True)
class Record:
    """What the store knows of a job."""

    job_id: str
    user_id: str
    worker_id: str
    state: JobState
    written: int
    reason: str


@dataclass(frozen=True)
class Entry:
    """An event at its position."""

    position: int
    event: Event


def ending_of(latest: Sequence[Entry]) -> tuple[Entry, ...]:
    """Of a job's two latest entries, those that say how it ended."""
    explained = len(latest) > 1 and latest[-2].event.name == "error"
    return tuple(latest[-2:] if explained else latest[-1:])


@dataclass(frozen=True)
class View:
    """A job and the events behind a position, seen in one instant.

    ``starved_s`` is how long pollers of this job have been waiting for its first event;
    ``ownerless`` says that the owner's lease is over.
    """

    record: Record
    after: int
    entries: tuple[Entry, ...]
    kept: bool
    starved_s: float
    ownerless: bool


class Written(StrEnum):
    """What became of a write. Only ``DONE`` leaves the owner in charge."""

    DONE = "done"
    GONE = "gone"
    OVER = "over"
    FENCED = "fenced"
    TORN = "torn"


class Sent(StrEnum):
    """What became of a cancel signal."""

    SENT = "sent"
    GONE = "gone"
    OVER = "over"


@dataclass(frozen=True)
class Activity:
    """A heartbeat as it was read; ``error`` when it could not be."""

    value: str | None
    error: bool = False


@dataclass(frozen=True)
class Activities:
    """The heartbeats of several jobs, and the store's clock as they were read."""

    now_s: float
    by_job: dict[str, Activity]


class Store(Protocol):
    """Keeps jobs, their events, one shared polling cursor each, and signals between workers."""

    async def now_s(self) -> float:
        """The one clock against which heartbeats and leases are judged."""

    async def reserve(self, reservation: Reservation) -> float:
        """Create the record; return its start time. Safe to repeat with the same fence."""

    async def discard(self, job_id: str) -> bool:
        """Forget a reservation of this worker that nobody was told of; False if it has written."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append events at positions ``first``…; with ``closing``, end the job in the same step.

        Exactly once: positions already written are skipped, so an unacknowledged append may be
        repeated as it was. Nothing is written to a job that is over.
        """

    async def close_job(self, job: Reservation, closing: Closing, *, written: int = 0) -> Written:
        """End the owner's job wherever its stream stands, behind what it has ``written``.

        A store that lost data may have less than that, and a reader may have read it.
        """

    async def abandon(self, job_id: str, closing: Closing) -> bool:
        """End a job of this worker that it no longer runs; False if there is none.

        The end goes behind every position that a reader can have come to.
        """

    async def lose(self, job_id: str, closing: Closing) -> bool:
        """End a job whose owner is dead; False if it is not, or if the job is over."""

    async def record(self, job_id: str) -> Record | None:
        """The job's record, None if unknown or expired."""

    async def read(self, job_id: str, *, after: int, limit: int | None = None) -> View | None:
        """See the events behind a position, without moving anything."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Move the shared cursor past everything written and return what it passed.

        Repeating with the same token returns the same events again. If there were any, the take
        is open until it is settled, and others get :class:`CursorBusy`; one that is not settled
        within ``settle_s`` is taken anew.
        """

    async def confirm(self, job_id: str, *, token: str) -> bool:
        """Settle a take: its events were sent. False if it is not open any more."""

    async def give_back(self, job_id: str, *, token: str) -> bool:
        """Settle a take: its events reached nobody. False if it is not open any more."""

    async def ending(self, job_id: str) -> tuple[Entry, ...]:
        """The job's last event, with the error before it if that says how the job ended."""

    async def follow(
        self, job_id: str, *, after: int, within_s: float, limit: int
    ) -> tuple[Entry, ...]:
        """Wait for events behind a position; empty when time is up or something is odd."""

    async def touch(self, job_id: str) -> None:
        """Write the job's heartbeat: a client cares."""

    async def activities(self, job_ids: Sequence[str]) -> Activities:
        """Read heartbeats; one that cannot be read does not spoil the others."""

    async def signal_cancel(self, record: Record, *, reason: str) -> Sent:
        """Leave the cancel marker and tell every worker, in one step."""

    async def markers(self, job_ids: Sequence[str]) -> dict[str, str]:
        """The reasons of those jobs that have a cancel marker."""

    async def ownerless(self) -> list[str]:
        """Jobs not over whose owner is dead."""

    async def ping(self) -> None:
        """Answer if the store can serve, writes included."""

    async def close(self) -> None:
        """Let go of all connections."""
