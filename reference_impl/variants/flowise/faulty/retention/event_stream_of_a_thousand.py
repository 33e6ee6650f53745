"""The event stream's length is 1000 by default, as in the example of the Docker setup."""

from __future__ import annotations

from dataclasses import replace

from reference_impl.flowise import settings
from reference_impl.flowise.settings_table import TABLE

FAILS = frozenset({"RETN-005"})
PLAYS = ("RETN-001",)


def install() -> None:
    """Exchange the default."""
    settings.TABLE = tuple(  # type: ignore[attr-defined]  # where it is looked up
        replace(row, default=1000) if row.name == "QUEUE_REDIS_EVENT_STREAM_MAX_LEN" else row
        for row in TABLE
    )
