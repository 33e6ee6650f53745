"""Jobs that run side by side on one worker mix their events.

"The current job" was a module's global variable, from the days of one job a process; the second
job overwrites it, and what the first one logs from then on arrives in the second one's stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.component_api import Component
from reference_impl.langflow.graphs import Vertex
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

FAILS = frozenset({"SUBM-004"})
PLAYS = ("SUBM-001..004",)


class Current(Job):
    """Whichever job is the current one by now."""

    def __init__(self, job: Job, runner: OneAtATime) -> None:
        super().__init__(job.reservation, started_s=job.started_s)
        self.runner_of_all = runner

    def emit(self, name: str, data: Mapping[str, Any]) -> None:
        """Tell the readers of the current job."""
        self.runner_of_all.current.emit(name, data)


class OneAtATime(BuildRunner):
    """Knows one current job."""

    current: Job

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Run, as the current job."""
        self.current = job
        await super().run(job, graph)

    async def _build_vertex(
        self, job: Job, vertex: Vertex, component_class: type[Component]
    ) -> bool:
        """Build for the current job."""
        return await super()._build_vertex(Current(job, self), vertex, component_class)


class VariantAssembly(Assembly):
    """Mixes what belongs apart."""

    runner_class = OneAtATime
