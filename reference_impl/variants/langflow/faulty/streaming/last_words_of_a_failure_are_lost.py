"""The last thing that a component said before it failed reaches nobody: it was still in a buffer.

Log lines are passed on when the next one comes, or the component returns. A failed one does not,
and that line would have said why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

FAILS = frozenset({"STRM-006", "TTL-007"})
PLAYS = ("STRM-001", "POLL-002")


class BufferedRunner(BuildRunner):
    """Passes a line on when the next one comes."""

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Load, run, report; what is held when an error comes is forgotten."""
        emit, held = job.emit, list[Mapping[str, Any]]()

        def buffered(name: str, data: Mapping[str, Any]) -> None:
            said = [held.pop()] if held else []
            if name != "error":
                for line in said:
                    emit("log", line)
            if name == "log":
                held.append(data)
            else:
                emit(name, data)

        job.emit = buffered  # type: ignore[method-assign]
        await super().run(job, graph)


class VariantAssembly(Assembly):
    """Runs components with it."""

    runner_class = BufferedRunner
