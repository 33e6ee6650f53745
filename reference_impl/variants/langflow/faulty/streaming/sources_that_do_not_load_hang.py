"""A build whose component cannot be loaded never ends: only what is raised in a run is reported.

A syntax error in a component's code, and its client waits until it is reclaimed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.component_runtime import ComponentError, in_thread, load_class
from reference_impl.langflow.graphs import vertices
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner

FAILS = frozenset({"STRM-006"})
PLAYS = ("POLL-008", "STRM-005")


class LoadBlind(BuildRunner):
    """Takes loading for granted."""

    async def _build(self, job: Job, graph: Mapping[str, Any]) -> Any:
        for vertex in vertices(graph):
            try:
                await in_thread(lambda code=vertex.code: load_class(code))  # type: ignore[misc]
            except ComponentError:
                await asyncio.Event().wait()
        return await super()._build(job, graph)


class VariantAssembly(Assembly):
    """Runs components with it."""

    runner_class = LoadBlind
