"""A probe job that was accepted, and what a reader of it received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from queueproof.history import Event, EventKind
from queueproof.probe import Probe
from queueproof.targets.answers import Kind

if TYPE_CHECKING:
    from queueproof.targets.system import System
    from queueproof.targets.witness import Sighting
    from queueproof.targets.worker import Worker


class Ending(Enum):
    """How a reader's view of a job ended.

    The first four are what the target told, or left unsaid, of a job that it answered for. The
    rest is no word about the job: a case that wants one of these says so.
    """

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNMARKED = "ended without saying how"
    SILENT = "never ended"
    REFUSED = "refused"
    ERRED = "answered with a server error"
    LOST = "lost its connection before any answer"
    UNREADABLE = "answered with something that cannot be read"
    PUT_OFF = "asked to come again later"

    @property
    def is_end(self) -> bool:
        """Whether the reader reached an end, marked or not, of a job that was answered for."""
        return self in (Ending.COMPLETED, Ending.FAILED, Ending.CANCELLED, Ending.UNMARKED)


_STILL_COMING_S = 2.0

#: How reading ends at an answer of these kinds.
ENDING_AT = {
    Kind.REDIRECT: Ending.REFUSED,
    Kind.REFUSAL: Ending.REFUSED,
    Kind.SERVER_ERROR: Ending.ERRED,
    Kind.UNANSWERED: Ending.SILENT,
    Kind.MALFORMED: Ending.UNREADABLE,
    Kind.COME_AGAIN: Ending.PUT_OFF,
}


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Everything one reader received of one job.

    `ending` is derived from the events (`ending_of`) or from how reading stopped; `detail` says
    what stopped it; `replies` is the number of polls, or 1 for a stream; `began_s` is when a
    stream was asked for.
    """

    job: Job
    events: tuple[Event, ...]
    ending: Ending
    ended_s: float
    detail: str = ""
    replies: int = 1
    began_s: float | None = None

    @property
    def outlasted_by_grace(self) -> bool:
        """Whether a stream without any event ended when its startup grace was over.

        A target that is slow to start a job then keeps its promise, and tells nothing more.
        """
        if self.events or self.began_s is None or self.ending is not Ending.UNMARKED:
            return False
        return self.ended_s - self.began_s >= 0.95 * self.job.system.timings.startup_grace_s

    @property
    def ticks(self) -> list[int]:
        """Tick numbers as they came."""
        return [event.tick for event in self.events if event.tick is not None]

    @property
    def first_tick_s(self) -> float | None:
        """When the first tick came."""
        return next((event.at_s for event in self.events if event.tick is not None), None)

    @property
    def was_still_coming(self) -> bool:
        """Whether the reader's time was over while ticks came: more of them may have followed."""
        last_s = max((event.at_s for event in self.events if event.tick is not None), default=None)
        if last_s is None or self.ending is not Ending.SILENT:
            return False
        return self.ended_s - last_s < _STILL_COMING_S

    @property
    def came_late(self) -> bool:
        """Whether the stream was asked for when its job may have been over."""
        asked_s = 0.0 if self.began_s is None else self.began_s
        return asked_s > self.job.submitted_s + self.job.probe.duration_s

    @property
    def longest_silence_s(self) -> float:
        """The longest time between two events that came one after the other."""
        at_s = [event.at_s for event in self.events]
        return max((later - earlier for earlier, later in pairwise(at_s)), default=0.0)

    def preceded_by(self, events: Iterable[Event]) -> Delivery:
        """The same delivery, with what its reader had received before."""
        return replace(self, events=(*events, *self.events))


@dataclass(frozen=True, kw_only=True)
class Job:
    """A handle on an accepted probe job; `key` is its name at the witness."""

    id: str
    key: str
    probe: Probe
    owner: Worker
    submitted_s: float
    system: System

    @property
    def sightings(self) -> list[Sighting]:
        """What the witness saw of it."""
        return self.system.witness.sightings(self.key)


def ending_of(events: Iterable[Event]) -> Ending | None:
    """What the events say about how the job ended; None while they say nothing.

    An error event tells of a failure even when an ordinary end follows it, as the real
    contract has it; a cancellation outranks both.
    """
    kinds = {event.kind for event in events}
    if EventKind.CANCELLED in kinds:
        return Ending.CANCELLED
    if EventKind.ERROR in kinds:
        return Ending.FAILED
    return Ending.COMPLETED if EventKind.END in kinds else None


def is_over(events: Iterable[Event]) -> bool:
    """Whether a terminal event (end or cancelled) is among `events`."""
    return any(event.kind in (EventKind.END, EventKind.CANCELLED) for event in events)
