"""The default time to live is 300 s where the document says 3600: "five minutes is plenty"."""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"TTL-003"})
PLAYS = ("TTL-001", "TTL-003", "STRM-001")
NAME = "LANGFLOW_REDIS_QUEUE_TTL"


def install() -> None:
    """Another default."""
    settings.TABLE = tuple(
        replace(row, default=300) if row.name == NAME else row for row in settings.TABLE
    )
