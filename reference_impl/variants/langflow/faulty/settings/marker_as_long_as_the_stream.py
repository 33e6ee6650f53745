"""A cancel marker lives for an hour by default instead of a minute.

One constant for two time-outs: the marker took over the stream's default when the code that sets
expiries was made common.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-010"})
PLAYS = ("SETT-001", "SETT-009", "CANC-012")


def install() -> None:
    """The stream's default."""
    settings.TABLE = tuple(
        replace(row, default=3600) if row.field == "cancel_marker_ttl_s" else row
        for row in settings.TABLE
    )
