"""A busy deployment: an accepted job begins six seconds later, longer than the stale threshold.

Who polls it meanwhile finds it done once; whoever leaves it alone may find it reclaimed, by right.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

PLAYS = ("SUBM-001", "SUBM-002")
TURN_S = 6.0


class CrowdedRunner(BuildRunner):
    """Lets a job wait for long."""

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Wait, then build."""
        await asyncio.sleep(TURN_S)
        await super().run(job, graph)


class VariantAssembly(Assembly):
    """Builds with it."""

    runner_class = CrowdedRunner
