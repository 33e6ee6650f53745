"""The default of the startup grace is 5 s where the document says 30: changed in one place only."""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"GRACE-005"})
PLAYS = ("GRACE-001", "GRACE-003", "STRM-001")
NAME = "LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S"


def install() -> None:
    """Another default."""
    settings.TABLE = tuple(
        replace(row, default=5.0) if row.name == NAME else row for row in settings.TABLE
    )
