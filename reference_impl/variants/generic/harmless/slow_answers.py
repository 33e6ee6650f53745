"""A deployment behind a slow proxy: every request reaches it 300 ms late."""

from __future__ import annotations

from reference_impl.common.proxies import SlowProxy
from reference_impl.generic.behind import stand_behind

PLAYS = (
    "submitting",
    "status",
    "CANC-002",
    "POLL-002",
    "STRM-002",
    "PROM-004..008",
    "PROM-014..016",
    "PROM-024..028",
)


def install() -> None:
    """Behind it."""
    stand_behind(SlowProxy)
