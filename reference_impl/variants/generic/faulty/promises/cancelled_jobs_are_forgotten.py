"""What is kept of a job that was cancelled while it ran goes a second later.

Seen where what nobody wants any more is removed, and not what has an end.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "redis.call('EXPIRE', KEYS[1], ARGV[6])"
NEW = "redis.call('EXPIRE', KEYS[1], state == 'cancelled' and 1 or ARGV[6])"
FAILS = frozenset({"PROM-002"})
PLAYS = ("PROM-001",)


def install() -> None:
    """Let it go."""
    exchange_in_script("finish", OLD, NEW)
