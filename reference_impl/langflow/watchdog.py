"""Reclaims polling builds whose client went away.

Langflow 1.10 "Deploy Langflow with multiple workers", Configuration reference
(``…_POLLING_STALE_THRESHOLD_S``, ``…_POLLING_WATCHDOG_INTERVAL_S``). A heartbeat that cannot be
read or makes no sense is counted, and its build lives.
"""

from __future__ import annotations

from reference_impl.core.events import EndReason
from reference_impl.core.rules import Heartbeat, StaleRule
from reference_impl.langflow.background import Background
from reference_impl.langflow.caretaker import Reachability
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Activity, Store, StoreUnavailable


class Watchdog:
    """Scans the jobs of this worker."""

    def __init__(
        self,
        *,
        store: Store,
        desk: BuildDesk,
        stats: CancelStats,
        background: Background,
        rule: StaleRule,
        reachability: Reachability,
    ) -> None:
        self.store = store
        self.desk = desk
        self.stats = stats
        self.background = background
        self.rule = rule
        self.reachability = reachability

    async def scan(self) -> None:
        """Judge every job that is not being stopped already."""
        jobs = [job for job in self.desk.jobs.values() if not job.stopping]
        if not jobs or not self.rule.enabled:
            return
        try:
            seen = await self.store.activities([job.id for job in jobs])
        except StoreUnavailable:
            self.stats.activity_get_errors += len(jobs)
            return
        for job in jobs:
            self.consider(job, seen.by_job[job.id], now_s=seen.now_s)

    def consider(self, job: Job, activity: Activity, *, now_s: float) -> None:
        """Kill one job, count an oddity, or let it live."""
        if activity.error:
            self.stats.activity_get_errors += 1
            return
        verdict = self.rule.judge(
            activity.value,
            started_s=job.started_s,
            gaps=self.reachability.until(now_s),
            now_s=now_s,
        )
        if verdict is Heartbeat.MALFORMED:
            self.stats.activity_parse_errors += 1
        elif verdict is Heartbeat.STALE and not job.stopping:
            self.stats.polling_watchdog_kills += 1
            self.background.spawn(self._kill(job))

    async def _kill(self, job: Job) -> None:
        await self.desk.cancel(job, reason=EndReason.WATCHDOG.value)
