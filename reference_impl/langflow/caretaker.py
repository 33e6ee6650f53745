"""Draws the consequences of each lease renewal: what is ours, what no longer is, what never was."""

from __future__ import annotations

import math
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from reference_impl.core.events import EndReason, failed_closing
from reference_impl.core.rules import Gap
from reference_impl.langflow.background import Background
from reference_impl.langflow.desk import BuildDesk
from reference_impl.store.base import Store, StoreUnavailable
from reference_impl.store.keeper import Kept

GAPS_REMEMBERED = 50


@dataclass
class Reachability:
    """When, by the store's clock, no client could have written a heartbeat.

    ``renewed_s`` is when the lease was last renewed, ``late_s`` the silence that makes a gap.
    """

    gaps: deque[Gap] = field(default_factory=lambda: deque(maxlen=GAPS_REMEMBERED))
    renewed_s: float | None = None
    late_s: float = math.inf

    def until(self, now_s: float) -> list[Gap]:
        """All gaps up to now, one that is still open included.

        After an outage the watchdog may reach the store before the next renewal does, and must
        not judge by heartbeats that nobody could have written.
        """
        if self.renewed_s is None or now_s - self.renewed_s <= self.late_s:
            return list(self.gaps)
        return [*self.gaps, (self.renewed_s, now_s)]


class Caretaker:
    """Compares the store's list of this worker's jobs with the desk's."""

    def __init__(
        self, *, store: Store, desk: BuildDesk, background: Background, reachability: Reachability
    ) -> None:
        self.store = store
        self.desk = desk
        self.background = background
        self.reachability = reachability

    def kept(self, kept: Kept) -> None:
        """Called on the loop after each renewal."""
        if kept.gap is not None:
            self.reachability.gaps.append(kept.gap)
        self.reachability.renewed_s, self.reachability.late_s = kept.now_s, kept.late_s
        for job in list(self.desk.jobs.values()):
            # A job reserved while the renewal was under way may be missing from its answer.
            if job.id not in kept.jobs and job.owned_since < kept.asked_at and not job.stopping:
                self.background.spawn(self.desk.disown(job))
        for job_id in kept.jobs:
            if job_id not in self.desk.jobs and job_id not in self.desk.reserving:
                self.background.spawn(self.settle(job_id))

    async def settle(self, job_id: str) -> None:
        """Be done with a job that the store takes for ours, and that nobody here runs.

        Its submit was refused for lack of an answer, and nobody knows its ID; or it had come to an
        end that the store has lost since, in a failover, and its readers would wait for ever.
        """
        closing = failed_closing(job_id, EndReason.DATA_LOST)
        with suppress(StoreUnavailable):
            if not await self.store.discard(job_id):
                await self.store.abandon(job_id, closing)
