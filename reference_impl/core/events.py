"""The events of a build: their names, and the records with which a stream can end.

Every stream ends with exactly one terminal record: ``end`` or ``cancelled``. An ``error`` says
why and is always followed by ``end``; the document names only cancellation as such, the marked
endings are what a client needs where it is silent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reference_impl.core.states import JobState, Signal

TERMINAL_EVENTS = frozenset({"end", "cancelled"})


class EndReason(StrEnum):
    """Why a job, or somebody's reading of it, ended otherwise than by finishing."""

    USER = "user"
    DISCONNECT = "disconnect"
    WATCHDOG = "watchdog"
    COMPONENT = "component"
    OWNER_DIED = "owner_died"
    DATA_LOST = "data_lost"
    OUTAGE = "outage"
    SHUTDOWN = "worker_shutdown"
    STARTUP_GRACE = "startup_grace"


_ENCODER = json.JSONEncoder(default=str)

EXPLANATIONS: dict[EndReason, str] = {
    EndReason.OWNER_DIED: "the worker that ran this job died; the job is lost",
    EndReason.DATA_LOST: "events of this job were lost from the queue's Redis",
    EndReason.OUTAGE: "the queue's Redis was away for too long",
    EndReason.SHUTDOWN: "the worker was stopped before the job ended",
    EndReason.STARTUP_GRACE: "the startup grace ran out before the job wrote its first event",
}


@dataclass(frozen=True)
class Event:
    """One event as it is kept and sent: its name, and its whole JSON text."""

    name: str
    body: str

    @property
    def is_terminal(self) -> bool:
        """Whether nothing may follow this event in its stream."""
        return self.name in TERMINAL_EVENTS


@dataclass(frozen=True)
class Closing:
    """The events that end a job, the signal they stand for, and the reason."""

    events: tuple[Event, ...]
    signal: Signal
    reason: str


def make_event(name: str, data: Mapping[str, object]) -> Event:
    """Write an event down; what JSON does not know is written as its ``str``."""
    return Event(name, _ENCODER.encode({"event": name, "data": data}))


def end_event(*, state: JobState, duration_s: float) -> Event:
    """The ``end`` of a build that ran to its end, well or not."""
    return make_event("end", {"build_duration": duration_s, "status": state.value})


def cancelled_closing(job_id: str, reason: str) -> Closing:
    """End a job as cancelled; a client can tell this from every other end."""
    event = make_event("cancelled", {"reason": reason, "job_id": job_id})
    return Closing((event,), Signal.CANCEL, reason)


def failed_closing(job_id: str, reason: EndReason, *, signal: Signal = Signal.FAIL) -> Closing:
    """End a job with an ``error`` that says why, then the ``end``."""
    error = {"error": EXPLANATIONS[reason], "reason": reason.value, "job_id": job_id}
    end = {"status": JobState.FAILED.value, "reason": reason.value, "job_id": job_id}
    events = (make_event("error", error), make_event("end", end))
    return Closing(events, signal, reason.value)
