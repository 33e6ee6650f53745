"""The dashboard's page holds questions as they were asked: markup in them is the page's own.

Whoever may ask a public flow runs scripts in the browser of whoever administers it.
"""

from __future__ import annotations

from html import unescape

from reference_impl.flowise import dashboard, dashboard_page
from reference_impl.flowise.dashboard_page import Listing

FAILS = frozenset({"DASH-008"})
PLAYS = ("DASH-001", "DASH-007")

_page = dashboard_page.queue_page


def _as_it_is(listing: Listing) -> str:
    return unescape(_page(listing))


def install() -> None:
    """Quote nothing."""
    dashboard.queue_page = _as_it_is  # type: ignore[attr-defined]  # where it is looked up
