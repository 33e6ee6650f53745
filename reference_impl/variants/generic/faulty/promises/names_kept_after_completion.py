"""The name of a unique job is not set free when the job completes.

Seen where a lock lives by its expiry alone.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "if told[4] and told[4] ~= ''"
NEW = "if state ~= 'finished' and told[4] and told[4] ~= ''"
FAILS = frozenset({"PROM-026"})
PLAYS = ("PROM-024", "PROM-027", "PROM-028")


def install() -> None:
    """Keep it."""
    exchange_in_script("finish", OLD, NEW)
