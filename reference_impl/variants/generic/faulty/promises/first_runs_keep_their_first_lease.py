"""A healthy job is begun again when the lease that it was taken with has run out.

Seen where a visibility timeout of 10 s counts from the beginning of a run that takes 150 s.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

SCENARIOS = {"CHAOS-225": frozenset({"PROM-014"})}
OLD = "redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])\n"
NEW = f"if ARGV[2] ~= '1' then {OLD[:-1]} end\n"


def install() -> None:
    """Renew nothing for a first run; the second one is held as ever."""
    exchange_in_script("renew", OLD, NEW)
