"""A job that has failed as often as it may is in no list of dead letters; one without retries is.

Seen where what ends a series of retries is another place than what ends a job.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-030"})
PLAYS = ("PROM-006", "PROM-031")
OLD = "if state == 'failed' then"
NEW = "if state == 'failed' and told[2] == '1' then"


def install() -> None:
    """Note first failures."""
    exchange_in_script("finish", OLD, NEW)
