"""The queue is at index 2 by default, though the document says 1.

Somebody else had 1 already in the reference deployment. Whoever prepared rights, alerts or a
backup for index 1 watches an empty database.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"DBIX-004"})
PLAYS = ("DBIX-005", "SETT-005", "SETT-009")


def install() -> None:
    """Two unless told otherwise."""
    settings.TABLE = tuple(
        replace(row, default=2) if row.field == "queue_db" else row for row in settings.TABLE
    )
