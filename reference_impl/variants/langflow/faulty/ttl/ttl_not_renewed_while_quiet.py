"""Only a write renews the time to live, so that a quiet job loses its stream (Langflow 1.13).

A build that thinks for longer than the TTL ends for its readers in the middle.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.keeper import Keeper
from reference_impl.store.redis_client import script_source

FAILS = frozenset({"TTL-005"})
PLAYS = (
    "TTL-001..008",
    "STRM-001",
    "STRM-009",
    "POLL-001",
    "POLL-005",
)


class LeaseKeeper(Keeper):
    """Renews leases and nothing else."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        renewal = "redis.call('PEXPIRE', key .. part, ARGV[4])"
        self._keep = self._client.register_script(script_source("keep").replace(renewal, ""))


class VariantAssembly(Assembly):
    """Renews with it."""

    keeper_class = LeaseKeeper
