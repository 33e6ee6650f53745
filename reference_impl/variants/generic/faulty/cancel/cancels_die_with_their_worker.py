"""A cancel is forgotten when the worker that should act on it is lost: the job is begun again.

Seen where cancels are kept in the memory of workers.
"""

from __future__ import annotations

from reference_impl.generic.altered_scripts import exchange_in_script

SCENARIOS = {"CHAOS-209": frozenset({"CANC-017"})}
OLD = "if told[1] == 'running' and told[2] then"
NEW = "redis.call('HDEL', job, 'cancel')\n  if false then"


def install() -> None:
    """Forget it with the lease."""
    exchange_in_script("promote", OLD, NEW)
