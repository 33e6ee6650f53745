"""The name of a unique job is not set free when the job needed more than one run.

Seen where the lock holds the number of the run that took it.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-026", "PROM-027"})
PLAYS = ("PROM-024", "PROM-028", "PROM-029")
OLD = "if told[4] and told[4] ~= ''"
NEW = "if told[2] == '1' and told[4] and told[4] ~= ''"


def install() -> None:
    """Let it go after first runs alone."""
    exchange_in_script("finish", OLD, NEW)
