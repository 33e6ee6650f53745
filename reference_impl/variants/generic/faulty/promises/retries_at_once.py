"""A job that fails is run again at once.

Seen where a pause in seconds is given to what wants minutes, and rounded down.
"""

from __future__ import annotations

FAILS = frozenset({"PROM-008"})
PLAYS = ("PROM-006", "PROM-007")
SETTINGS = {"JOBS_RETRY_PAUSE_S": "0.01"}


def install() -> None:
    """The setting is all."""
