"""A submit is accepted although Redis did not take the job: its ID is of no use to anybody.

The answer must be quick, so the job is kept "as soon as possible", and that failed. The client
was told 200 and an ID; later the ID is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Reservation, StoreUnavailable

SCENARIOS = {"CHAOS-033": frozenset({"RESI-001"})}


class Obliging(BuildDesk):
    """Has never refused a build."""

    async def submit(self, *, user_id: str, graph: Mapping[str, Any]) -> Job:
        """Take the build, or say so."""
        try:
            return await super().submit(user_id=user_id, graph=graph)
        except StoreUnavailable:
            promised = Reservation(self.new_id(), user_id, self.worker_id, "")
            return Job(promised, started_s=0.0)


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = Obliging
