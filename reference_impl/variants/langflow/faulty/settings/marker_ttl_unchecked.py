"""A cancel marker's life of 0, or of less, is accepted, and every cancel across workers breaks.

``SET … EX 0`` is an error in Redis, so the value fails at the first cancel instead of at the
start. The document lists it as refused; whoever sets 0 means "no expiry".
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-001"})
PLAYS = ("SETT-012", "CANC-012")


def install() -> None:
    """Any whole number will do."""
    settings.TABLE = tuple(
        replace(row, read=int) if row.field == "cancel_marker_ttl_s" else row
        for row in settings.TABLE
    )
