"""The cancel channel must be switched on, though the document has it on by default.

A new feature behind a flag, and a document written for the day on which the flag would be
turned. Cancels across workers do nothing until somebody reads the source.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-009"})
PLAYS = ("SETT-010", "CANC-013", "DBIX-006")


def install() -> None:
    """Off unless told otherwise."""
    settings.TABLE = tuple(
        replace(row, default=False) if row.field == "cancel_channel_enabled" else row
        for row in settings.TABLE
    )
