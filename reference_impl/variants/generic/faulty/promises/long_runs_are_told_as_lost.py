"""A healthy job that takes longer than a lease is ended, and told to have failed.

Seen where a registry of jobs under way is swept by age, and the heartbeat does not reach it.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

SCENARIOS = {"CHAOS-225": frozenset({"PROM-014"})}
RENEWS = "redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])\n"
AGAIN = """redis.call('RPUSH', ARGV[2] .. (told[3] or 'normal'), id)
    redis.call('HSET', job, 'state', 'waiting')
"""
TOLD = """redis.call('HSET', job, 'state', 'failed')
    redis.call('XADD', ARGV[4] .. id, '*', 'event', '{"type": "failed"}')
"""


def install() -> None:
    """Renew no lease, and fail what has none."""
    exchange_in_script("renew", RENEWS, "")
    exchange_in_script("promote", AGAIN, TOLD)
