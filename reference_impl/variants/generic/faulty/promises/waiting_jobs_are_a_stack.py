"""Who came last is served first.

Seen where both ends of a list are pushed to and popped from alike.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "'LPUSH', KEYS[2]"
NEW = "'RPUSH', KEYS[2]"
FAILS = frozenset({"PROM-010"})
PLAYS = ("PROM-009", "SUBM-002")


def install() -> None:
    """Push where it is popped."""
    exchange_in_script("submit", OLD, NEW)
