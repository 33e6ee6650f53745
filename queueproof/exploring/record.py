"""What was observed while a schedule was played: the model's only source.

Instants are seconds on the history's clock. Nothing here says what should have been.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from queueproof.config.model import Timings
from queueproof.exploring.steps import Kind
from queueproof.history import Event, EventKind
from queueproof.probe import Probe


@dataclass(frozen=True, kw_only=True)
class JobSeen:
    """A job that was accepted; `sightings` are (tick, at_s) as the witness saw them."""

    number: int
    id: str
    probe: Probe
    owner: str
    asked_s: float
    answered_s: float
    sightings: list[tuple[int, float]] = field(default_factory=list)

    def sighted_s(self, tick: int) -> float | None:
        """When the witness first heard of a tick."""
        return next((at_s for seen, at_s in self.sightings if seen == tick), None)

    @property
    def done_s(self) -> float | None:
        """When the last of all its ticks was done; None while some are not."""
        times = [self.sighted_s(tick) for tick in self.probe.expected_ticks]
        known = [at_s for at_s in times if at_s is not None]
        return max(known) if known and len(known) == len(times) else None

    @property
    def last_s(self) -> float | None:
        """When the witness last heard of it."""
        return max((at_s for _, at_s in self.sightings), default=None)


@dataclass(frozen=True, kw_only=True)
class Act:
    """One request and its one answer; `status` is None when none came until `ended_s`.

    `accepted` is what the answer claims. An act that was `given_up` was not waited for.
    """

    step: int
    kind: Kind
    via: str
    asked_s: float
    ended_s: float
    status: int | None
    accepted: bool
    job: int = 0
    what: str = ""
    events: tuple[Event, ...] = ()
    given_up: bool = False
    detail: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def ticks(self) -> list[int]:
        """Tick numbers as they came."""
        return [event.tick for event in self.events if event.tick is not None]

    def waited_out(self, bound_s: float) -> bool:
        """Whether no answer came though it was waited for; a lost connection proves nothing."""
        return self.status is None and not self.given_up and self.ended_s - self.asked_s >= bound_s

    @property
    def words(self) -> str:
        """The answer in a line."""
        return f"{self.status} {self.detail}".strip() if self.status else self.detail or "no answer"


class StreamEnd(Enum):
    """How reading a stream stopped."""

    OPEN = "still open"
    DROPPED = "dropped by its reader"
    ENDED = "ended by the target"
    BROKEN = "broken off"
    REFUSED = "refused"
    UNANSWERED = "not answered"
    LOST = "lost with its connection"


@dataclass(kw_only=True)
class StreamSeen:
    """One stream; `overdue` when its end was waited for in vain until every bound was over."""

    number: int
    job: int
    via: str
    asked_s: float
    answered_s: float | None = None
    closed_s: float | None = None
    status: int | None = None
    end: StreamEnd = StreamEnd.OPEN
    events: list[Event] = field(default_factory=list)
    overdue: bool = False
    detail: str = ""

    @property
    def ticks(self) -> list[int]:
        """Tick numbers as they came."""
        return [event.tick for event in self.events if event.tick is not None]

    @property
    def over_s(self) -> float | None:
        """When a terminal event came."""
        kinds = (EventKind.END, EventKind.CANCELLED)
        return next((event.at_s for event in self.events if event.kind in kinds), None)

    def until_s(self, record: Record) -> float:
        """When its reader was gone."""
        return record.until_s if self.closed_s is None else self.closed_s


@dataclass(frozen=True, kw_only=True)
class Disturbance:
    """A worker was out of order, and may be so for a while after."""

    kind: Kind
    via: str
    from_s: float
    until_s: float


@dataclass(kw_only=True)
class Record:
    """Everything about one play; `until_s` is when the last look was taken.

    `witnessed` says whether the witness hears of the jobs' work at all. `unfinished` are the jobs
    whose polling to the end ran out of every bound.
    """

    timings: Timings
    witnessed: bool = True
    jobs: dict[int, JobSeen] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    streams: dict[int, StreamSeen] = field(default_factory=dict)
    disturbances: list[Disturbance] = field(default_factory=list)
    unfinished: list[tuple[int, str]] = field(default_factory=list)
    flushed_s: float | None = None
    until_s: float = 0.0

    def acts_of(self, job: int, *kinds: Kind) -> list[Act]:
        """The acts on a job, in their order."""
        return [act for act in self.acts if act.job == job and act.kind in kinds]

    def streams_of(self, job: int) -> list[StreamSeen]:
        """The streams of a job."""
        return [stream for stream in self.streams.values() if stream.job == job]

    def disturbed(self, via: str, from_s: float, until_s: float) -> bool:
        """Whether a worker was out of order at any time within a span."""
        return any(
            d.via == via and d.from_s <= until_s and d.until_s >= from_s for d in self.disturbances
        )
