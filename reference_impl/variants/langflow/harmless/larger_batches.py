"""Events travel in batches: what happens within a quarter of a second is written in one step."""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

COLLECT_S = 0.25


class CollectingBridge(Bridge):
    """Lets events gather before it takes them."""

    async def gather(self, job: Job) -> Batch:
        """Wait a little, then take what is there."""
        await asyncio.sleep(COLLECT_S)
        return await super().gather(job)


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = CollectingBridge
