"""A component that raises ends its build as if all were well: the exception is only logged.

Swallowed exceptions of background tasks; the job shows as complete and lacks its result.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.component_api import Component
from reference_impl.langflow.graphs import Vertex
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

FAILS = frozenset({"POLL-008", "STRM-006"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class SwallowingRunner(BuildRunner):
    """Goes on after a failed component."""

    async def _build_vertex(self, job: Job, vertex: Vertex, made_of: type[Component]) -> bool:
        emit = job.emit
        job.emit = lambda name, data: None if name == "error" else emit(name, data)  # type: ignore[method-assign]
        await super()._build_vertex(job, vertex, made_of)
        return True


class VariantAssembly(Assembly):
    """Builds with it."""

    runner_class = SwallowingRunner
