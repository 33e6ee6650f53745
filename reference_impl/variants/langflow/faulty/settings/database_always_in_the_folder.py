"""The database lies in the configuration folder, whatever LANGFLOW_DATABASE_URL says.

The setting is read, logged, and not passed on: who set PostgreSQL has a SQLite file in a container
that goes with its next restart.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-020"})
PLAYS = ("SETT-018",)


def install() -> None:
    """Whatever is given is not."""
    settings.TABLE = tuple(
        replace(row, read=lambda _: None) if row.field == "database_url" else row
        for row in settings.TABLE
    )
