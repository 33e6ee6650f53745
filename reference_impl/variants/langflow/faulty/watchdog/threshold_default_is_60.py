"""The default of the watchdog's threshold is a minute where the document says 90 seconds.

Somebody rounded it. Clients behind a proxy that answers for up to 80 seconds lose their builds.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"WDOG-009"})
PLAYS = ("WDOG-001", "WDOG-002")
NAME = "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S"


def install() -> None:
    """Another default."""
    settings.TABLE = tuple(
        replace(row, default=60.0) if row.name == NAME else row for row in settings.TABLE
    )
