"""Success is answered at once, and the component works on for seconds.

The task is cancelled co-operatively, and shields its work until it comes to a place where it
looks for a cancel: with Flowise between two nodes, with Celery's solo pool after the task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

FAILS = frozenset({"CANC-017", "WDOG-001"})
PLAYS = ("CANC-001", "CANC-002", "CANC-003", "CANC-005", "CANC-010", "CANC-015")

NEXT_SAFE_POINT_S = 5.0


class Shielded(BuildRunner):
    """Lets a component finish what it has begun."""

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Run in a shielded task, which a cancel reaches at the next safe point."""
        build = asyncio.create_task(super().run(job, graph))
        try:
            await asyncio.shield(build)
        except asyncio.CancelledError:
            await asyncio.sleep(NEXT_SAFE_POINT_S)
            build.cancel()
            raise


class VariantAssembly(Assembly):
    """Cancels take effect late."""

    runner_class = Shielded
