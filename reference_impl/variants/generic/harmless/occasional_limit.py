"""Every twentieth request is answered 429 with `Retry-After: 0`, whoever asks."""

from __future__ import annotations

from reference_impl.common.proxies import OccasionalLimit
from reference_impl.generic.behind import stand_behind

PLAYS = (
    "submitting",
    "status",
    "CANC-002",
    "CANC-003",
    "POLL-001..003",
    "STRM-001..003",
    "PROM-001",
    "PROM-016",
)


def install() -> None:
    """Behind it."""
    stand_behind(OccasionalLimit)
