"""A misspelt queue type starts the in-memory queue without a word.

``if type == "redis": … else: …``. The deployment works until it is scaled, and then every second
build cannot be found.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-002"})
PLAYS = ("SETT-003", "BOOT-001", "MONI-001")


def lenient(value: str) -> str:
    """Redis, or else."""
    return "redis" if value.lower() == "redis" else "asyncio"


def install() -> None:
    """Read the queue type as a yes or no."""
    settings.TABLE = tuple(
        replace(row, read=lenient) if row.field == "queue_type" else row for row in settings.TABLE
    )
