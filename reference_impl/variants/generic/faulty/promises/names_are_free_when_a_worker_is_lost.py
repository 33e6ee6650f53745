"""What a lost worker ran waits to be run again, and its name is free already."""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

OLD = "    redis.call('HSET', job, 'state', 'waiting')"
NEW = OLD + "\n    if told[4] and told[4] ~= '' then redis.call('DEL', told[4]) end"
FAILS = frozenset({"PROM-033"})
PLAYS = ("PROM-024", "PROM-026", "WORK-007")


def install() -> None:
    """Set it free."""
    exchange_in_script("promote", OLD, NEW)
