"""The dashboard is there unless it is switched off."""

from __future__ import annotations

from dataclasses import replace

from reference_impl.flowise import settings
from reference_impl.flowise.settings_table import TABLE

FAILS = frozenset({"DASH-003"})
PLAYS = ("DASH-004",)


def install() -> None:
    """Exchange the default."""
    settings.TABLE = tuple(  # type: ignore[attr-defined]  # where it is looked up
        replace(row, default=True) if row.name == "ENABLE_BULLMQ_DASHBOARD" else row
        for row in TABLE
    )
