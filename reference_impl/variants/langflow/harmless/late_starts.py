"""An accepted job waits half a second for its turn before its component begins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

TURN_S = 0.5


class QueueingRunner(BuildRunner):
    """Lets a job wait."""

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Wait, then build."""
        await asyncio.sleep(TURN_S)
        await super().run(job, graph)


class VariantAssembly(Assembly):
    """Builds with it."""

    runner_class = QueueingRunner
