"""Cancels take a second: the component is asked first and has its time to tidy up."""

from __future__ import annotations

import asyncio

from reference_impl.core.events import Closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

TIDYING_S = 1.0


class PoliteDesk(BuildDesk):
    """Gives a component a second before it is stopped."""

    async def stop(self, job: Job, closing: Closing) -> bool:
        """Ask, wait, stop."""
        if job.stopping:
            return False
        job.stopping = True
        await asyncio.sleep(TIDYING_S)
        await self.halt(job)
        job.finish(closing)
        return True


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = PoliteDesk
