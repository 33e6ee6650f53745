"""A worker whose concurrency is not set runs five jobs at once, as in an example of the docs."""

from __future__ import annotations

from dataclasses import replace

from reference_impl.flowise import settings
from reference_impl.flowise.settings_table import TABLE

FAILS = frozenset({"QUEU-011"})
PLAYS = ("PRED-001", "ABRT-001")


def install() -> None:
    """Exchange the default."""
    settings.TABLE = tuple(  # type: ignore[attr-defined]  # where it is looked up
        replace(row, default=5) if row.name == "WORKER_CONCURRENCY" else row for row in TABLE
    )
