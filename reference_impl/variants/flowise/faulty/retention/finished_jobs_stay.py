"""REMOVE_ON_AGE and REMOVE_ON_COUNT are accepted and used nowhere: finished jobs stay for ever."""

from __future__ import annotations

from dataclasses import replace

from reference_impl.flowise import settings
from reference_impl.flowise.settings_table import TABLE

FAILS = frozenset({"RETN-002", "RETN-003"})
PLAYS = ("RETN-001",)


def _none(value: str) -> None:
    return None


def install() -> None:
    """Read them in vain."""
    settings.TABLE = tuple(  # type: ignore[attr-defined]  # where it is looked up
        replace(row, read=_none, default=None) if row.name.startswith("REMOVE_ON_") else row
        for row in TABLE
    )
