"""The name of a unique job is not set free when the job is cancelled before it began.

Seen where the lock is let go by the worker that runs the job.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-028"})
PLAYS = ("PROM-024..027", "PROM-015")
OLD = "if told[2] and told[2] ~= ''"
NEW = "if false"


def install() -> None:
    """Hold on to it."""
    exchange_in_script("cancel", OLD, NEW)
