"""A cancel that comes while a run is about to fail is answered with success; the job is run again.

Seen where the failure is written down first, and takes the wish to cancel along with the run.
"""

from __future__ import annotations

from reference_impl.generic import worker
from reference_impl.generic.altered_scripts import exchange_in_script

FAILS = frozenset({"PROM-016"})
PLAYS = ("PROM-006", "PROM-015", "CANC-017")
OLD = "if not told[3] then"
NEW = "if told[3] then redis.call('HDEL', KEYS[1], 'cancel') end\n  if true then"


def install() -> None:
    """Forget it; and look for cancels twice in a second, so that failures come before that."""
    worker._LOOK_EVERY_S = 0.5
    exchange_in_script("finish", OLD, NEW)
