"""What could have ended a job otherwise than its probe says, and from when on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from queueproof.config.deadlines import kept_for_s
from queueproof.exploring.record import JobSeen, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.targets.job import Ending

MARGIN_S = 0.15
_GONE = (StreamEnd.DROPPED, StreamEnd.BROKEN, StreamEnd.UNANSWERED, StreamEnd.LOST)


class Why(Enum):
    """The kinds of causes."""

    CANCEL = "cancelled"
    DROP = "its stream dropped"
    SILENCE = "nobody reading it"
    OUT_OF_ORDER = "its worker out of order"


_ENDINGS = {
    Why.CANCEL: {Ending.CANCELLED},
    Why.DROP: {Ending.CANCELLED},
    Why.SILENCE: {Ending.CANCELLED, Ending.FAILED},
    Why.OUT_OF_ORDER: {Ending.CANCELLED, Ending.FAILED},
}


@dataclass(frozen=True)
class Cause:
    """From `from_s` on the job may end in one of `endings`."""

    why: Why
    from_s: float

    @property
    def endings(self) -> set[Ending]:
        """How a job ends by this cause."""
        return _ENDINGS[self.why]


def planned(job: JobSeen) -> Ending:
    """How the probe itself ends."""
    return Ending.COMPLETED if job.probe.fail_at is None else Ending.FAILED


def causes(record: Record, job: JobSeen) -> list[Cause]:
    """Everything that may have ended the job, in the order of time."""
    found = [
        *(Cause(Why.CANCEL, act.asked_s) for act in record.acts_of(job.number, Kind.CANCEL)),
        *(
            Cause(Why.DROP, at_s)
            for stream in record.streams_of(job.number)
            if (at_s := left_s(stream)) is not None
        ),
        *(Cause(Why.SILENCE, at_s) for at_s in _silences(record, job)),
        *(
            Cause(Why.OUT_OF_ORDER, trouble.from_s)
            for trouble in record.disturbances
            if trouble.via == job.owner or job.owner == "?"
        ),
    ]
    return sorted(found, key=lambda cause: cause.from_s)


def allowed(record: Record, job: JobSeen, *, told_s: float) -> set[Ending]:
    """The endings of which a reader may truthfully be told at `told_s`."""
    endings = {planned(job)}
    for cause in causes(record, job):
        if cause.from_s <= told_s:
            endings |= cause.endings
    return endings


def may_be_gone(record: Record, job: JobSeen, asked_s: float) -> bool:
    """Whether what is known of the job may have expired by then, or was lost with its worker."""
    ended_s = [cause.from_s for cause in causes(record, job)]
    ended_s += [job.done_s] if job.done_s is not None else []
    return any(asked_s - at_s > 0.5 * record.timings.stream_ttl_s for at_s in ended_s)


def left_s(stream: StreamSeen) -> float | None:
    """When a stream's client may have seemed to be gone; None when it stayed until the end."""
    if stream.end not in _GONE or stream.over_s is not None or stream.closed_s is None:
        return None
    return stream.asked_s if stream.answered_s is None else stream.closed_s - MARGIN_S


def signs_of_life(record: Record, job: JobSeen) -> list[tuple[float, float]]:
    """Spans in which a client cared for the job: the submit, each poll, each open stream."""
    spans = [(job.asked_s, job.answered_s)]
    spans += [
        (act.asked_s, act.ended_s)
        for act in record.acts_of(job.number, Kind.POLL, Kind.GIVE_UP)
        if act.status == 200 or act.given_up
    ]
    spans += [(s.asked_s, s.until_s(record)) for s in record.streams_of(job.number)]
    return sorted(spans)


def _silences(record: Record, job: JobSeen) -> Iterator[float]:
    """From when on the job's client may have counted as gone.

    A poll shows its client when it is sent at the latest; an open stream all the while.
    """
    bound_s = kept_for_s(record.timings)
    last_s = job.asked_s
    for from_s, until_s in [*signs_of_life(record, job), (record.until_s, record.until_s)]:
        if from_s - last_s > bound_s:
            yield last_s + bound_s
        last_s = max(last_s, until_s)
