"""Ids are long, and hold characters that a path must have quoted."""

from __future__ import annotations

import uuid

from reference_impl.generic.front import Front

PLAYS = (
    "submitting",
    "status",
    "CANC-002",
    "CANC-003",
    "POLL-001..003",
    "STRM-001..003",
    "PROM-001",
    "PROM-030",
)


def install() -> None:
    """Make such ids."""

    def odd(self: Front) -> str:
        return f"steps@{uuid.uuid4().hex}:a+b=c&d;e%2F~(1) \u00e9#{uuid.uuid4().hex}?x"

    Front.new_id = odd  # type: ignore[method-assign]
