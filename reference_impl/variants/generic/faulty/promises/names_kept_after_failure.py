"""The name of a unique job is not set free when the job fails.

Seen where the lock is released behind the work, and not in a `finally`.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "if told[4] and told[4] ~= ''"
NEW = "if state ~= 'failed' and told[4] and told[4] ~= ''"
FAILS = frozenset({"PROM-027"})
PLAYS = ("PROM-024", "PROM-026", "PROM-028")


def install() -> None:
    """Keep it."""
    exchange_in_script("finish", OLD, NEW)
