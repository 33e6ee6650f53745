"""The life of a prediction, and what may be said about it. All times are seconds.

Theory of operation
-------------------
A prediction is a row in the database and a job in the queue. The queue hands jobs out; the row
decides. Every step is one conditional update of the row, so that of several who reach it at the
same time exactly one wins:

``START``     a worker begins to run it, once
``COMPLETE``  the worker writes the result
``FAIL``      the worker, or somebody on its behalf, writes why there is none
``ABORT``     a client no longer wants it

A job that the queue hands out again, because its worker died, finds its row ``RUNNING`` and is
never run a second time: its first run may have had effects. One whose row is still ``WAITING``
(the worker died, or the queue's answer was lost, before the start) has had none and is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class State(StrEnum):
    """Where a prediction stands; the values are what the database keeps."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to the prediction any more."""
        return self in FINAL_STATES


class Signal(Enum):
    """What can reach a prediction."""

    START = auto()
    COMPLETE = auto()
    FAIL = auto()
    ABORT = auto()


FINAL_STATES = frozenset({State.COMPLETED, State.FAILED, State.ABORTED})

TRANSITIONS: dict[tuple[State, Signal], State] = {
    (State.WAITING, Signal.START): State.RUNNING,
    (State.WAITING, Signal.FAIL): State.FAILED,
    (State.WAITING, Signal.ABORT): State.ABORTED,
    (State.RUNNING, Signal.COMPLETE): State.COMPLETED,
    (State.RUNNING, Signal.FAIL): State.FAILED,
    (State.RUNNING, Signal.ABORT): State.ABORTED,
}


class Reason(StrEnum):
    """Why a prediction ended otherwise than with a result."""

    USER = "user"
    FLOW = "flow"
    WORKER_DIED = "worker_died"
    NO_WORKER = "no_worker"
    NOT_QUEUED = "not_queued"
    DATA_LOST = "data_lost"
    OUTAGE = "outage"
    SHUTDOWN = "worker_shutdown"
    WRONG_KEY = "wrong_secret_key"


EXPLANATIONS: dict[Reason, str] = {
    Reason.USER: "the prediction was aborted",
    Reason.WORKER_DIED: (
        "worker died: whoever ran this prediction is gone or lost its hold on the job; it had "
        "begun, so it is not run again"
    ),
    Reason.NO_WORKER: "no worker took the prediction in time; it will not be run",
    Reason.NOT_QUEUED: "the job queue is unavailable; the prediction will not be run",
    Reason.DATA_LOST: "the queue's Redis lost this prediction's job; it will not be run again",
    Reason.OUTAGE: "the queue's Redis was away for too long while the prediction ran",
    Reason.SHUTDOWN: "the worker was stopped before the prediction ended",
    Reason.WRONG_KEY: "this worker's secret key is not the main server's; they must share one",
}


def sources(signal: Signal) -> tuple[State, ...]:
    """The states in which a signal is taken."""
    return tuple(state for state, known in TRANSITIONS if known is signal)


def target(signal: Signal) -> State:
    """The state a signal leads to."""
    return next(state for (_, known), state in TRANSITIONS.items() if known is signal)


class Pickup(Enum):
    """What a worker does with a job it was handed."""

    RUN = auto()
    DECLARE_DEAD = auto()
    TOO_LATE = auto()
    SETTLED = auto()


def pickup(*, state: State, waited_s: float, wait_s: float) -> Pickup:
    """Judge a job by its row as it is handed out."""
    if state.is_over:
        return Pickup.SETTLED
    if state is State.RUNNING:
        return Pickup.DECLARE_DEAD
    return Pickup.TOO_LATE if waited_s > wait_s else Pickup.RUN


class Delivery(Enum):
    """What the next event to arrive is to a reader."""

    NEXT = auto()
    OLD = auto()
    GAP = auto()


def judge_sequence(*, delivered: int, number: int) -> Delivery:
    """Judge the event with this number (from 1) after ``delivered`` events."""
    if number <= delivered:
        return Delivery.OLD
    return Delivery.NEXT if number == delivered + 1 else Delivery.GAP


@dataclass(frozen=True)
class HoldRule:
    """When a worker has lost its hold on a job, and how soon that is noticed."""

    lock_s: float

    @property
    def renew_window_s(self) -> float:
        """BullMQ's renewal window: locks are renewed twice in it."""
        return self.lock_s / 2

    @property
    def check_every_s(self) -> float:
        """How often everybody looks for jobs nobody holds."""
        return self.lock_s / 4

    @property
    def noticed_within_s(self) -> float:
        """The bound from a worker's death to the end of its jobs.

        The lock runs out, the next check finds it missing; checks are throttled to one a period,
        so two workers out of step can put almost two periods between them.
        """
        return self.lock_s + 3 * self.check_every_s


def still_hears(*, last_s: float | None, now_s: float, bound_s: float) -> bool:
    """Whether a connection that answered last at ``last_s`` counts as alive."""
    return last_s is not None and now_s - last_s <= bound_s
