"""The worker timeout is read and not handed to Gunicorn.

It is in the settings, in the documentation and in the start-up banner. A worker stuck in one
request stays stuck, and with it every connection it has accepted.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-013"})
PLAYS = ("SETT-011", "SETT-014")

NEVER_S = 86400


def install() -> None:
    """Whatever is set, another number arrives."""
    settings.TABLE = tuple(
        replace(row, read=lambda _: NEVER_S) if row.field == "worker_timeout_s" else row
        for row in settings.TABLE
    )
