"""A job that was delayed waits among the least urgent when its time has come.

Seen where a timer puts it into the line, and knows of one line only.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-009"})
PLAYS = ("PROM-005", "PROM-010", "PROM-021")
OLD = "(redis.call('HGET', ARGV[1] .. id, 'priority') or 'normal')"
NEW = (
    "((redis.call('HGET', ARGV[1] .. id, 'attempt') == '0' and 'low')"
    " or redis.call('HGET', ARGV[1] .. id, 'priority'))"
)


def install() -> None:
    """Look how urgent it is for second runs alone."""
    exchange_in_script("promote", OLD, NEW)
