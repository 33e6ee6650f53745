"""A job that was cancelled while it ran is among the dead letters.

Seen where whatever did not complete goes to one list.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "if state == 'failed' then"
NEW = "if state == 'failed' or state == 'cancelled' then"
FAILS = frozenset({"PROM-031"})
PLAYS = ("PROM-030",)


def install() -> None:
    """List both."""
    exchange_in_script("finish", OLD, NEW)
