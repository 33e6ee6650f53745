"""A job that is run again holds no lease after its first moments: what takes longer is begun anew.

Seen where what renews leases knows a job by its first run.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-014"})
PLAYS = ("PROM-006..008",)
OLD = "redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])"
NEW = f"if ARGV[2] == '1' then {OLD} end"


def install() -> None:
    """Renew first runs."""
    exchange_in_script("renew", OLD, NEW)
