"""With a grace of 0 a poll that comes before the first event cancels the build (Langflow 1.13)."""

from __future__ import annotations

from functools import cached_property

from reference_impl.core.events import EndReason
from reference_impl.core.rules import ReaderEnd
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.langflow.reader import judge
from reference_impl.store.base import View

FAILS = frozenset({"GRACE-009"})
PLAYS = ("GRACE-001", "GRACE-004", "GRACE-008", "GRACE-009", "STRM-001")


class DeadlyPoller(Poller):
    """Cleans up what looks finished."""

    desk: BuildDesk

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """On the owner, a job without a stream is removed."""
        job = self.desk.owned(job_id)
        missing = judge(view, after=0) is ReaderEnd.NOT_STARTED
        if self.grace_s == 0 and missing and job is not None:
            await self.desk.cancel(job, reason=EndReason.DISCONNECT.value)
        return await super().answer(job_id, view, arrived=arrived)


class VariantAssembly(Assembly):
    """Polls through it."""

    @cached_property
    def poller(self) -> Poller:
        """Reading by polls."""
        poller = DeadlyPoller(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            hold_s=self.settings.poll_hold_s,
            settle_s=self.settings.owner_lease_s,
        )
        poller.desk = self.desk
        return poller
