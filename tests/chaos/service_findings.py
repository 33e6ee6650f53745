"""Findings of service as checkers ought to tell them, and what workers told."""

from __future__ import annotations

from typing import Any

from queueproof.checkers.findings import Finding, Status
from queueproof.history import Operation

from .histories import op

DEAF = {"deafens": True, "struck": ["a"]}
WEDGED = {"wedges": True, "struck": ["a"]}


def held(at_s: float, job: str = "") -> Finding:
    return Finding(at_s=at_s, job=job)


def broken(at_s: float, expected: str, actual: str, **rest: Any) -> Finding:
    return Finding(at_s=at_s, status=Status.BROKEN, expected=expected, actual=actual, **rest)


def doubtful(at_s: float, actual: str, **rest: Any) -> Finding:
    return Finding(at_s=at_s, status=Status.DOUBTFUL, actual=actual, **rest)


def monitor(at_s: float, *, took_s: float = 0.1, **told: Any) -> Operation:
    process = told.pop("process", "p1")
    worker = told.pop("worker", "a")
    return op(
        "monitor",
        at_s,
        took_s=took_s,
        worker=worker,
        facts={"monitor": told, "process": process},
    )


def running(at_s: float, claim: bool, **rest: Any) -> Operation:
    return monitor(at_s, cancel_dispatcher_running=claim, **rest)


def stats(
    at_s: float, process: str | None = "p1", worker: str | None = "a", **counters: Any
) -> Operation:
    return monitor(at_s, process=process, worker=worker, cancel_stats=counters)


def health(at_s: float, status: int | None = 200, **rest: Any) -> Operation:
    return op("health", at_s, status=status, **rest)
