"""Every job is run twice at the same time, and its client sees one of the two.

A visibility timeout shorter than the task (celery/celery #5935, #3270): the broker takes a job
that is not acknowledged for lost and gives it out again, while it is running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

FAILS = frozenset({"SUBM-002"})
PLAYS = ("SUBM-001..004", "CANC-002")


class Unheard(Job):
    """The same job once more; what it says reaches nobody."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.reservation, started_s=job.started_s)
        self.muted = True


class AtLeastOnce(BuildRunner):
    """Runs what it is given, as often as it is given."""

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Run the job beside its redelivery."""
        again = asyncio.create_task(super().run(Unheard(job), graph))
        try:
            await super().run(job, graph)
            await again
        finally:
            again.cancel()


class VariantAssembly(Assembly):
    """Delivers at least once, and mostly more."""

    runner_class = AtLeastOnce
