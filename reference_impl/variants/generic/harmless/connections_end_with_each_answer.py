"""Every connection is closed with its first answer, which says so."""

from __future__ import annotations

from reference_impl.common.proxies import ShortLivedConnections
from reference_impl.generic.behind import stand_behind

PLAYS = (
    "submitting",
    "status",
    "CANC-002",
    "CANC-017",
    "POLL-002",
    "STRM-002",
    "STRM-005..007",
    "PROM-001",
)


def install() -> None:
    """Behind it."""
    stand_behind(lambda app: ShortLivedConnections(app, answers=1))
