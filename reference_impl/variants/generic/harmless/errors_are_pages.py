"""Errors are pages in HTML, as gateways have them, and no JSON."""

from __future__ import annotations

from reference_impl.common.error_pages import ErrorPages
from reference_impl.generic.behind import stand_behind

PLAYS = (
    "submitting",
    "status",
    "access",
    "CANC-002",
    "CANC-008",
    "POLL-002",
    "POLL-007",
    "STRM-002",
    "STRM-010",
)


def install() -> None:
    """Behind it."""
    stand_behind(ErrorPages)
