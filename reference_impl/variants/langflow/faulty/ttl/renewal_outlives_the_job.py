"""The task that renews a job's time to live is never stopped, so finished jobs live for ever.

A background task a job, awaited by nobody and cancelled by nobody.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.keeper import Keeper, Kept

FAILS = frozenset({"TTL-002", "TTL-006"})
PLAYS = (
    "TTL-001..008",
    "STRM-001",
    "POLL-001",
)


class TirelessKeeper(Keeper):
    """Remembers every job it has ever kept."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self._ever: set[str] = set()

    def renew(self) -> Kept:
        """Renew what runs, and what has run."""
        kept = super().renew()
        self._ever |= kept.jobs | self._listed()
        for job_id in self._ever:
            for name in (keys.record(job_id), keys.stream(job_id)):
                self._client.pexpire(name, self._plan.ttl_s * 1000)
        return kept

    def _listed(self) -> set[str]:
        names = self._client.scan_iter(f"{keys.JOB_PREFIX}*:record", count=1000)
        return {str(name)[len(keys.JOB_PREFIX) : -len(":record")] for name in names}


class VariantAssembly(Assembly):
    """Renews with it."""

    keeper_class = TirelessKeeper
