"""A cancel of a job that is run for the second time is answered with success, and not heard.

Seen where the cancel is sent to the run that began first.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"CANC-017"})
PLAYS = ("CANC-002", "PROM-007", "PROM-017")
OLD = "redis.call('HSET', KEYS[1], 'cancel', '1')"
NEW = f"if redis.call('HGET', KEYS[1], 'attempt') == '1' then {OLD} end"


def install() -> None:
    """Tell first runs alone."""
    exchange_in_script("cancel", OLD, NEW)
