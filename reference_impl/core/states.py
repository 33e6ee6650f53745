"""The life of a job, as a table.

Theory of operation
-------------------
A job is born ``STARTING``: its record is reserved, its owner is known, and nothing has been
written to its stream. That is the only state in which a reader may be waiting for a stream that
does not exist, hence the only one in which the startup grace applies. The first write makes it
``RUNNING``. Five signals can reach a job:

``WRITE``   the owner appends events that do not end the job
``FINISH``  the owner appends the ``end`` of a build that went well
``FAIL``    the owner, or somebody on its behalf, ends the job with an error
``CANCEL``  the owner carries out a cancel, whoever asked for it
``LOSE``    anybody notices that the owner's lease is over

Three states are final, and a final state refuses every signal. This one rule is what makes
writes of a thawed owner, a second cancel, and two workers that declare the same job lost
harmless: the first signal wins, and every later one is told so.

Whoever keeps jobs (memory or Redis) must take the decision and its effect in one atomic step.
"""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands; the values are what the store keeps."""

    STARTING = "starting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to the job any more."""
        return self in FINAL_STATES

    @property
    def public(self) -> str:
        """The state as a client is told it: until it is over, a job is running."""
        return self.value if self.is_over else JobState.RUNNING.value


class Signal(StrEnum):
    """What can reach a job."""

    WRITE = "write"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    LOSE = "lose"


FINAL_STATES = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})

TRANSITIONS: dict[tuple[JobState, Signal], JobState] = {
    (JobState.STARTING, Signal.WRITE): JobState.RUNNING,
    (JobState.STARTING, Signal.FINISH): JobState.COMPLETED,
    (JobState.STARTING, Signal.FAIL): JobState.FAILED,
    (JobState.STARTING, Signal.CANCEL): JobState.CANCELLED,
    (JobState.STARTING, Signal.LOSE): JobState.FAILED,
    (JobState.RUNNING, Signal.WRITE): JobState.RUNNING,
    (JobState.RUNNING, Signal.FINISH): JobState.COMPLETED,
    (JobState.RUNNING, Signal.FAIL): JobState.FAILED,
    (JobState.RUNNING, Signal.CANCEL): JobState.CANCELLED,
    (JobState.RUNNING, Signal.LOSE): JobState.FAILED,
}


class SignalRefused(Exception):
    """The job is over; how it ended stays as it is."""


def advance(state: JobState, signal: Signal) -> JobState:
    """Return the state that follows, or raise :class:`SignalRefused`."""
    try:
        return TRANSITIONS[state, signal]
    except KeyError:
        raise SignalRefused(f"a job that is {state} takes no {signal}") from None
