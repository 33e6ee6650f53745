"""Keeps a worker's lease and its jobs' keys alive, from a thread of its own.

A component may block the worker's event loop for as long as the worker timeout allows. The
process lives, so its lease must too; only a process that is frozen or dead stops renewing.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from reference_impl.store import redis_keys as keys
from reference_impl.store.redis_client import (
    REDIS_ERRORS,
    RedisPlan,
    connect_blocking,
    script_source,
)

RETRY_S = 0.25
SHORTEST_PERIOD_S = 0.1


@dataclass(frozen=True)
class Kept:
    """One renewal: when it was asked for (monotonic), Redis's clock, what is still ours.

    ``gap`` is the time, by Redis's clock, in which renewals failed before this one: clients could
    not be heard then either. ``late_s`` is the silence of renewals that makes such a gap.
    """

    asked_at: float
    now_s: float
    gap: tuple[float, float] | None
    jobs: frozenset[str]
    late_s: float = math.inf


class Keeper:
    """Renews every quarter of a lease, and at least four times a TTL."""

    def __init__(self, plan: RedisPlan, *, worker_id: str, on_kept: Callable[[Kept], None]) -> None:
        self._plan = plan
        self._worker_id = worker_id
        self._on_kept = on_kept
        self._stopped = threading.Event()
        self._renewed_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._client = connect_blocking(plan.url, timeout_s=min(2.0, plan.answer_timeout_s))
        self._keep = self._client.register_script(script_source("keep"))
        self._leave = self._client.register_script(script_source("leave"))

    @property
    def period_s(self) -> float:
        """How often leases and TTLs are renewed."""
        return max(SHORTEST_PERIOD_S, min(self._plan.lease.renew_every_s, self._plan.ttl_s / 4))

    def start(self) -> None:
        """Renew for the first time, then go on renewing in the thread."""
        self._attempt()
        self._thread.start()

    def stop(self, *, leave: bool) -> None:
        """Stop renewing; with ``leave``, give up the lease now instead of letting it lapse."""
        self._stopped.set()
        self._thread.join(timeout=self._plan.answer_timeout_s + 1)
        if leave:
            self._give_up_lease()
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._client.connection_pool.disconnect()

    def renew(self) -> Kept:
        """Renew once; raises what redis-py raises."""
        plan, asked_at = self._plan, time.monotonic()
        now_ms, jobs = self._keep(
            keys=[keys.LEASES, keys.PULSE, keys.jobs_of(self._worker_id)],
            args=[
                *(self._worker_id, round(plan.lease.lease_s * 1000)),
                *(round(plan.lease.gap_s * 1000), plan.ttl_s * 1000, keys.JOB_PREFIX),
            ],
        )
        before_s, now_s = self._renewed_s, int(now_ms) / 1000
        self._renewed_s = now_s
        late_s = 2 * self.period_s
        late = before_s is not None and now_s - before_s > late_s
        gap = (before_s, now_s) if late and before_s is not None else None
        return Kept(asked_at, now_s, gap, frozenset(jobs), late_s)

    def _run(self) -> None:
        wait_s = self.period_s
        while not self._stopped.wait(wait_s):
            wait_s = self.period_s if self._attempt() else min(RETRY_S, self.period_s)

    def _attempt(self) -> bool:
        try:
            self._on_kept(self.renew())
        except REDIS_ERRORS:
            return False
        return True

    def _give_up_lease(self) -> None:
        try:
            self._leave(keys=[keys.LEASES, keys.jobs_of(self._worker_id)], args=[self._worker_id])
        except REDIS_ERRORS:
            return
