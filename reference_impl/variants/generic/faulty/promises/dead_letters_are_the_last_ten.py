"""Of the dead letters the last ten are kept.

Seen where a list of latest failures, made for a dashboard, serves as the dead letters.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-030"})
PLAYS = ("PROM-006", "PROM-031")
OLD = "0, 9999"
NEW = "0, 9"


def install() -> None:
    """Keep ten."""
    exchange_in_script("finish", OLD, NEW)
