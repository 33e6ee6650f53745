"""A job that takes longer than a lease is taken for lost.

Seen where the heartbeat reaches a server, and renews nothing there.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])\n"
NEW = ""
FAILS = frozenset({"PROM-014"})
PLAYS = ("PROM-001",)


def install() -> None:
    """Look, and renew nothing."""
    exchange_in_script("renew", OLD, NEW)
