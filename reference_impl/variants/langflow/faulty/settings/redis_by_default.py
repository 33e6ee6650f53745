"""Without a queue type the queue is in Redis, though the document says asyncio.

The default was changed for the hosted edition and reached everybody: a laptop without Redis does
not start any more after the upgrade.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-003"})
PLAYS = ("SETT-002", "BOOT-005")


def install() -> None:
    """Redis unless told otherwise."""
    settings.TABLE = tuple(
        replace(row, default="redis") if row.field == "queue_type" else row
        for row in settings.TABLE
    )
