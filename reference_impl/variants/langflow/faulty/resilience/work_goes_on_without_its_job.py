"""When a job's data is lost its readers are told so, and its component works on to its end.

The bridge finds the stream gone, gives the job up and returns; nobody stops what fed it.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Bridge
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Written

SCENARIOS = {"CHAOS-027": frozenset({"RESI-008"})}


class DepartingBridge(Bridge):
    """Goes home when there is nothing left to write to."""

    async def give_up(self, job: Job, outcome: Written | None, *, written: int) -> None:
        """Stop writing."""


class ForgetfulDesk(BuildDesk):
    """Crosses the job off its list."""

    async def disown(self, job: Job) -> None:
        """Stop writing."""
        job.stopping = True
        if job.bridge is not None:
            job.bridge.cancel()


class VariantAssembly(Assembly):
    """Leaves components running."""

    bridge_class = DepartingBridge
    desk_class = ForgetfulDesk
