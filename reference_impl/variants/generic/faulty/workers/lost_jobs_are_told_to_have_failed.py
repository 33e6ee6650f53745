"""A job whose worker was killed is told to have failed, and not run again.

As SAQ 0.12.8 did, whatever its retries (saq#127, saq#191).
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = """redis.call('RPUSH', ARGV[2] .. (told[3] or 'normal'), id)
    redis.call('HSET', job, 'state', 'waiting')"""
NEW = """redis.call('XADD', ARGV[4] .. id, '*', 'event', '{"type": "failed"}')
    redis.call('HSET', job, 'state', 'failed')"""
FAILS = frozenset({"WORK-007"})
PLAYS = ("WORK-006",)


def install() -> None:
    """Give it up."""
    exchange_in_script("promote", OLD, NEW)
