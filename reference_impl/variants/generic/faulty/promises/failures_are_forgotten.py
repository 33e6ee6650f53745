"""A job that failed for good is in no list of dead letters.

Seen where the list is filled by a hook that nobody installed.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "if state == 'failed' then"
NEW = "if false then"
FAILS = frozenset({"PROM-030"})
PLAYS = ("PROM-006", "PROM-031")


def install() -> None:
    """Put nothing into it."""
    exchange_in_script("finish", OLD, NEW)
