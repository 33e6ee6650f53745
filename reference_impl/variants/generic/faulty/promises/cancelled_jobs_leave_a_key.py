"""The flag by which a worker hears of a cancel is a key of its own, and never expires."""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "redis.call('HSET', KEYS[1], 'cancel', '1')"
NEW = OLD + "\n  redis.call('SET', KEYS[1] .. ':cancel', '1')"
FAILS = frozenset({"PROM-032"})
PLAYS = ("CANC-002",)


def install() -> None:
    """Leave it."""
    exchange_in_script("cancel", OLD, NEW)
