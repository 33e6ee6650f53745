"""Every path is redirected to the same with a slash at its end, for good (308)."""

from __future__ import annotations

from reference_impl.common.proxies import SlashRedirects
from reference_impl.generic.behind import stand_behind

PLAYS = (
    "submitting",
    "status",
    "CANC-002",
    "CANC-003",
    "POLL-001..003",
    "STRM-001..003",
    "PROM-001",
    "PROM-022",
)


def install() -> None:
    """Behind it."""
    stand_behind(lambda app: SlashRedirects(app, status=308))
