"""The dashboard shows five jobs a page, however many are asked for."""

from __future__ import annotations

from reference_impl.flowise import dashboard

PLAYS = ("DASH-001", "DASH-002", "DASH-006")
FEW = 5

_number = dashboard._number


def _few_a_page(given: str | None, default: int, *, largest: int) -> int:
    number = _number(given, default, largest=largest)
    return min(FEW, number) if largest == dashboard.LARGEST_PAGE else number


def install() -> None:
    """Show few."""
    dashboard._number = _few_a_page
