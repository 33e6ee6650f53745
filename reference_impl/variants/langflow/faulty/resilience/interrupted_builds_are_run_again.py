"""When Redis is back, builds that were under way begin again from their first step.

"At least once" applied to the whole build: the worker cannot say what got through, so it does
everything again, side effects included. Flowise's workers do the same to jobs of killed workers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Written

SCENARIOS = {"CHAOS-033": frozenset({"RESI-002", "RESI-003"})}
OUTAGE_S = 0.5


class RememberingDesk(BuildDesk):
    """Knows what its jobs were to do."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.graphs: dict[str, Mapping[str, Any]] = {}

    def _start(self, job: Job, graph: Mapping[str, Any]) -> Job:
        self.graphs[job.id] = graph
        return super()._start(job, graph)

    def begin_again(self, job: Job) -> None:
        """From the first step, once."""
        graph = self.graphs.pop(job.id, None)
        under_way = job.runner is not None and not (job.runner.done() or job.stopping)
        if graph is not None and job.runner is not None and under_way:
            job.runner.cancel()
            self.begin(job, graph)


class RestartingBridge(Bridge):
    """Has the build restarted after a write that took an outage."""

    desk: RememberingDesk

    async def write(self, job: Job, *, first: int, batch: Batch) -> Written | None:
        """Write; what was interrupted begins again."""
        began = time.monotonic()
        outcome = await super().write(job, first=first, batch=batch)
        if time.monotonic() - began > OUTAGE_S and batch.closing is None:
            self.desk.begin_again(job)
        return outcome


class VariantAssembly(Assembly):
    """Runs builds at least once."""

    desk_class = RememberingDesk
    bridge_class = RestartingBridge

    def make_bridge(self, desk: BuildDesk) -> Bridge:
        """A bridge that knows the desk."""
        bridge = super().make_bridge(desk)
        assert isinstance(bridge, RestartingBridge)
        assert isinstance(desk, RememberingDesk)
        bridge.desk = desk
        return bridge
