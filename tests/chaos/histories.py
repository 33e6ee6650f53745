"""Histories written by hand: one outage from 10 to 14 s, whole again at 16 s, over at 40 s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from queueproof.checkers.findings import Finding, Status
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import OutageHistory
from queueproof.history import Event, EventKind, Operation, Outcome

TIMINGS = {
    "answer_s": 2.0,
    "outage_answer_s": 5.0,
    "poll_hold_s": 2.0,
    "startup_grace_s": 2.0,
    "stale_threshold_s": 5.0,
    "cancel_effect_s": 1.0,
    "owner_death_s": 3.0,
    "recovery_s": 6.0,
    "stream_ttl_s": 30.0,
}
APPLIED, HEALED, WHOLE, OVER = 10.0, 14.0, 16.0, 40.0


def op(kind: str, at_s: float, *, took_s: float = 0.1, **rest: Any) -> Operation:
    """One operation; `facts`, `job`, `worker`, `status` and `events` as given."""
    rest.setdefault("status", 200)
    rest.setdefault("outcome", Outcome.OK if rest["status"] == 200 else Outcome.FAILED)
    rest.setdefault("job", None)
    rest.setdefault("worker", "a")
    return Operation(
        number=0, case="CHAOS-000", kind=kind, invoked_s=at_s, ended_s=at_s + took_s, **rest
    )


def frame(**traits: Any) -> list[Operation]:
    """What every scenario's history has."""
    return [
        op(
            "scenario", 0.0, facts={"timings": dict(TIMINGS), "traits": {"costs": "jobs", **traits}}
        ),
        op("phase", 0.0, detail="before"),
        op("phase", APPLIED, detail="during"),
        op("phase", HEALED, detail="recovery"),
        op("phase", WHOLE, detail="after"),
        op("end", OVER),
    ]


def submit(at_s: float = 1.0, *, ticks: int = 4, job: str | None = "j", **rest: Any) -> Operation:
    """An accepted submit of a job of `ticks` seconds."""
    facts = {"key": "k", "errand": 7, "ticks": ticks, "lasts_s": float(ticks)}
    return op("submit", at_s, job=job, facts=facts, **rest)


def ticks(*numbers: int, from_s: float, every_s: float = 1.0) -> list[Event]:
    """Tick events, one a second."""
    return [
        Event(EventKind.TICK, from_s + at * every_s, tick=number)
        for at, number in enumerate(numbers)
    ]


def end(at_s: float, kind: EventKind = EventKind.END) -> Event:
    """A terminal event, or the error before it."""
    return Event(kind, at_s)


def stream(
    from_s: float, events: Sequence[Event], *, until_s: float | None = None, **rest: Any
) -> Operation:
    """A stream that the target ended cleanly."""
    last_s = until_s or max([from_s, *(event.at_s for event in events)])
    facts = {"ended": "clean", **rest.pop("facts", {})}
    return op(
        "stream", from_s, took_s=last_s - from_s, job="j", events=list(events), facts=facts, **rest
    )


def poll(at_s: float, events: Sequence[Event], **rest: Any) -> Operation:
    """One poll's answer."""
    return op("poll", at_s, job="j", events=list(events), **rest)


def work(*numbers: int, from_s: float, every_s: float = 1.0) -> Operation:
    """What the witness saw."""
    seen = ticks(*numbers, from_s=from_s, every_s=every_s)
    return op("work", OVER, events=seen, facts={"key": "k", "errand": 7})


def outage(*operations: Operation, **traits: Any) -> OutageHistory:
    """The outage of a frame with these operations."""
    return read_story([*frame(**traits), *operations])


def statuses(findings: Sequence[Finding]) -> list[Status]:
    """What was found, in its order."""
    return [finding.status for finding in findings]


def words(findings: Sequence[Finding]) -> str:
    """Everything that is wrong or in doubt, in a line."""
    return "; ".join(finding.actual for finding in findings if finding.actual)
