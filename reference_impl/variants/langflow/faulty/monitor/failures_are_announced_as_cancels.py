"""A build that fails sends a cancel signal, so that other workers let go of it: and all count it.

Builds that end well were thought of, when somebody wondered about the figures.
"""

from __future__ import annotations

from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Sent

FAILS = frozenset({"MONI-021"})
PLAYS = ("MONI-010..013",)


class Announcing(Bridge):
    """Tells everybody of a failure."""

    stats: CancelStats

    async def gather(self, job: Job) -> Batch:
        """The next batch; a failure is announced before it is written."""
        batch = await super().gather(job)
        if batch.closing is not None and batch.closing.signal is Signal.FAIL:
            record = await self.store.record(job.id)
            if record is not None:
                sent = await self.store.signal_cancel(record, reason="failed")
                self.stats.published += sent is Sent.SENT
        return batch


class VariantAssembly(Assembly):
    """Carries events with it."""

    def make_bridge(self, desk: BuildDesk) -> Bridge:
        """From local queues into streams, with the counters in reach."""
        bridge = Announcing(
            store=self.store,
            patience_s=self.settings.outage_patience_s,
            last_words_s=float(self.settings.ttl_s),
            halt=desk.halt,
        )
        bridge.stats = self.stats
        return bridge
