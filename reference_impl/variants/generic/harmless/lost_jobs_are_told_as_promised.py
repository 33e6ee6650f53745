"""Jobs are promised to run at most once: one whose worker was lost is told to have failed."""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = """redis.call('RPUSH', ARGV[2] .. (told[3] or 'normal'), id)
    redis.call('HSET', job, 'state', 'waiting')"""
NEW = """redis.call('XADD', ARGV[4] .. id, '*', 'event', '{"type": "failed"}')
    redis.call('HSET', job, 'state', 'failed')"""
SCENARIOS: dict[str, frozenset[str]] = {"CHAOS-201": frozenset(), "CHAOS-209": frozenset()}
PROMISES = {"delivery": '"at-most-once"'}


def install() -> None:
    """Give it up, and say so."""
    exchange_in_script("promote", OLD, NEW)
