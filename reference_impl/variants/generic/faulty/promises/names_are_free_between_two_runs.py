"""The name of a unique job is free as soon as a run of it fails, though it will be run again.

Seen where the lock is let go at the end of every run, and not of the job.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-024"})
PLAYS = ("PROM-025..029",)
OLD = "redis.call('ZADD', KEYS[4], ARGV[7], ARGV[1])"
NEW = OLD + " if told[4] ~= '' then redis.call('DEL', told[4]) end"


def install() -> None:
    """Let it go before the next run."""
    exchange_in_script("finish", OLD, NEW)
