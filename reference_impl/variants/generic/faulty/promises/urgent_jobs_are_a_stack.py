"""Of urgent jobs that wait the newest begins first.

Seen where they are put before all others, and so before those that are just as urgent.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-010"})
PLAYS = ("PROM-009", "PROM-011")
OLD = "redis.call('LPUSH', KEYS[2], ARGV[1])"
NEW = "redis.call(KEYS[2]:match('high$') and 'RPUSH' or 'LPUSH', KEYS[2], ARGV[1])"


def install() -> None:
    """Put them before all others."""
    exchange_in_script("submit", OLD, NEW)
