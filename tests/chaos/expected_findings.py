"""Findings as checkers ought to tell them, and the operations that lead to them."""

from __future__ import annotations

from typing import Any

from queueproof.checkers.findings import Finding, Status
from queueproof.history import EventKind, Operation

from .histories import op as operation
from .histories import (
    ticks,
)

CANCELLED, ERROR = EventKind.CANCELLED, EventKind.ERROR
ALL = ticks(0, 1, 2, 3, from_s=2.0)


def op(kind: str, at_s: float, **rest: Any) -> Operation:
    return operation(kind, at_s, **{"job": "j", **rest})


def held(at_s: float, job: str = "j") -> Finding:
    return Finding(at_s=at_s, job=job)


def broken(at_s: float, expected: str, actual: str, **rest: Any) -> Finding:
    told = {"job": "j", "errand": 7, **rest}
    return Finding(at_s=at_s, status=Status.BROKEN, expected=expected, actual=actual, **told)


def doubtful(at_s: float, actual: str, job: str = "j") -> Finding:
    return Finding(at_s=at_s, status=Status.DOUBTFUL, actual=actual, job=job)


def cancel(at_s: float, *, took_s: float = 0.0, claims: bool = True, **rest: Any) -> Operation:
    facts = {"claims_success": claims}
    return op("cancel", at_s, took_s=took_s, facts=facts, **rest)
