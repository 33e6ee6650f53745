"""A schedule as data: its steps, in words and as Python source.

Jobs and streams bear numbers that their first step gives them, not their position, so that a
step can be taken out without changing what the others mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum


class Kind(StrEnum):
    """What a step does; what its fields mean stands beside it."""

    SUBMIT = "submit"  # job: its number from now on; via: worker; what: shape of the probe
    POLL = "poll"  # job, via
    GIVE_UP = "give up"  # job, via: a poll whose client leaves after a moment
    POLL_OUT = "poll out"  # job, via: one or more workers, in turn until the end
    ATTEND = "attend"  # job, via: short polls, so that the watchdog has no part in it
    STREAM = "stream"  # stream: its number from now on; job, via: read in the background
    READ_OUT = "read out"  # stream: wait for its end
    DROP = "drop"  # stream: close its connection
    CANCEL = "cancel"  # job, via
    WAIT = "wait"  # what: a span of `shapes.span_s`
    INTRUDE = "intrude"  # job, via, what: poll, stream, cancel or monitor, by another user
    STRANGER = "stranger"  # via, what: poll, stream or cancel of a job that never was
    LOOK = "look"  # via: read the monitor
    FLUSH = "flush"  # the cache's database index
    KILL = "kill"  # via: SIGKILL to the worker's process
    PAUSE = "pause"  # via: freeze the worker's process, thaw it after a while


#: Steps that disturb the whole target: their schedules have it for themselves.
DISTURBING = frozenset({Kind.KILL, Kind.PAUSE})
#: Steps that bring a job or a stream into being, and those that need one.
_OF_JOB = frozenset(
    {Kind.POLL, Kind.GIVE_UP, Kind.POLL_OUT, Kind.ATTEND, Kind.STREAM, Kind.CANCEL, Kind.INTRUDE}
)
_OF_STREAM = frozenset({Kind.READ_OUT, Kind.DROP})


@dataclass(frozen=True)
class Step:
    """One step; workers are letters, `a` the first found."""

    kind: Kind
    job: int = 0
    via: str = ""
    stream: int = 0
    what: str = ""

    @property
    def words(self) -> str:
        """The step as a person reads it."""
        return _WORDS[self.kind].format(
            job=self.job,
            via=self.via,
            turns=", ".join(self.via),
            stream=self.stream,
            what=self.what,
        )

    @property
    def source(self) -> str:
        """The step as Python source."""
        given = [
            f"{item.name}={getattr(self, item.name)!r}"
            for item in fields(self)[1:]
            if getattr(self, item.name) != item.default
        ]
        return f"Step({', '.join([f'Kind.{self.kind.name}', *given])})"


Schedule = tuple[Step, ...]

_WORDS = {
    Kind.SUBMIT: "submit job {job} ({what}) on worker {via}",
    Kind.POLL: "poll job {job} via {via}",
    Kind.GIVE_UP: "poll job {job} via {via} and give up after a moment",
    Kind.POLL_OUT: "poll job {job} to its end via {turns}",
    Kind.ATTEND: "poll job {job} via {via} now and then, for as long as a cancel may take",
    Kind.STREAM: "open stream {stream} of job {job} via {via}",
    Kind.READ_OUT: "read stream {stream} to its end",
    Kind.DROP: "drop stream {stream}",
    Kind.CANCEL: "cancel job {job} via {via}",
    Kind.WAIT: "wait {what}",
    Kind.INTRUDE: "another user tries to {what} job {job} via {via}",
    Kind.STRANGER: "{what} a job that never was via {via}",
    Kind.LOOK: "read the monitor of worker {via}",
    Kind.FLUSH: "flush the cache's database index",
    Kind.KILL: "kill worker {via}",
    Kind.PAUSE: "freeze worker {via} for a while",
}


def numbered(schedule: Sequence[Step]) -> tuple[str, ...]:
    """The schedule as numbered lines."""
    return tuple(f"{number}. {step.words}" for number, step in enumerate(schedule, 1))


def playable(steps: Sequence[Step]) -> Schedule:
    """The steps without those that need a job or a stream which no earlier step makes."""
    jobs: set[int] = set()
    streams: set[int] = set()
    kept = []
    for step in steps:
        if step.kind in _OF_JOB and step.job not in jobs:
            continue
        if step.kind in _OF_STREAM and step.stream not in streams:
            continue
        if step.kind is Kind.SUBMIT:
            jobs.add(step.job)
        if step.kind is Kind.STREAM:
            streams.add(step.stream)
        if step.kind is Kind.DROP:
            streams.discard(step.stream)
        kept.append(step)
    return tuple(kept)


def disturbs(schedule: Sequence[Step]) -> bool:
    """Whether the schedule needs the target for itself."""
    return any(step.kind in DISTURBING for step in schedule)
