"""A cancel is answered when it is on its way; it takes effect half a second later, in its bound."""

from __future__ import annotations

import asyncio

from reference_impl.core.events import Closing, EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import (
    CANCELLED_TEXT,
    ELSEWHERE_TEXT,
    CancelAnswer,
    Canceller,
)
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Record

LATER_S = 0.5


class QuickAnswers(Canceller):
    """Does not wait for the effect."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel, and answer."""
        if record.state.is_over:
            return self.told(record.state)
        sent = await self.signal(record, reason=EndReason.USER.value)
        return CancelAnswer(sent, CANCELLED_TEXT if sent else ELSEWHERE_TEXT)


class LaterDesk(BuildDesk):
    """Comes to it a little later."""

    async def stop(self, job: Job, closing: Closing) -> bool:
        """Wait, stop."""
        if job.stopping:
            return False
        job.stopping = True
        await asyncio.sleep(LATER_S)
        await self.halt(job)
        job.finish(closing)
        return True


class VariantAssembly(Assembly):
    """Cancels so."""

    canceller_class = QuickAnswers
    desk_class = LaterDesk
