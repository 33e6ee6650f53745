"""The name of a unique job is not set free when the job is cancelled.

Seen where only the worker that ends a job releases its lock.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "if told[4] and told[4] ~= ''"
NEW = "if state ~= 'cancelled' and told[4] and told[4] ~= ''"
FAILS = frozenset({"PROM-028"})
PLAYS = ("PROM-024", "PROM-026", "PROM-027")


def install() -> None:
    """Keep it."""
    exchange_in_script("finish", OLD, NEW)
