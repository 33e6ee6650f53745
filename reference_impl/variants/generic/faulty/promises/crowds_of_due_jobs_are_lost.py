"""Of many jobs that are due at one instant some are taken, and all are crossed off.

As bee-queue 1.4.2 did with nine thousand (bee-queue#550).
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])) do"
NEW = """local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', 0, 25)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
for _, id in ipairs(due) do"""
FAILS = frozenset({"PROM-013"})
PLAYS = ("PROM-004", "PROM-005", "PROM-012")


def install() -> None:
    """Take 25 of them."""
    exchange_in_script("promote", OLD, NEW)
