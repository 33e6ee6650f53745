"""Of the jobs that wait only the last forty are kept.

Seen where a stream or a list is capped, and nobody is told of what falls out.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "redis.call('LPUSH', KEYS[2], ARGV[1])\n"
NEW = "redis.call('LPUSH', KEYS[2], ARGV[1])\n  redis.call('LTRIM', KEYS[2], 0, 39)\n"
FAILS = frozenset({"PROM-012"})
PLAYS = ("PROM-001", "PROM-009")


def install() -> None:
    """Keep forty."""
    exchange_in_script("submit", OLD, NEW)
