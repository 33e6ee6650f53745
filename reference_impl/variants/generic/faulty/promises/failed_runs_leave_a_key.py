"""What is noted of a run that failed, and is repeated, never expires."""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "redis.call('HSET', KEYS[1], 'state', 'waiting')"
NEW = OLD + "\n    redis.call('SET', KEYS[1] .. ':run:' .. told[2], '1')"
FAILS = frozenset({"PROM-032"})
PLAYS = ("PROM-007",)


def install() -> None:
    """Leave it."""
    exchange_in_script("finish", OLD, NEW)
