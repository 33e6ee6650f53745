"""A cancel of a job that runs and had been delayed is answered with success, and not heard.

Seen where delayed jobs are another kind, whose cancel only takes them out of the timers.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"CANC-017"})
PLAYS = ("CANC-002", "PROM-005", "PROM-015")
OLD = "redis.call('HSET', KEYS[1], 'cancel', '1')"
NEW = f"if redis.call('HGET', KEYS[1], 'due') == '0' then {OLD} end"


def install() -> None:
    """Tell those that began at once."""
    exchange_in_script("submit", "'attempt', 0", "'attempt', 0, 'due', ARGV[2]")
    exchange_in_script("cancel", OLD, NEW)
