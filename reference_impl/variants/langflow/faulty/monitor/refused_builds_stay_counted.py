"""A build of a flow that does not exist is refused, and stays in the count of active jobs."""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.database import Flow
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"MONI-005"})
PLAYS = ("MONI-004", "MONI-006", "SUBM-003")


class LeakyDesk(BuildDesk):
    """Counts what it was asked for."""

    refused = 0

    @property
    def active_jobs(self) -> int:
        """Jobs owned by this worker that are not over, and those that never were."""
        return super().active_jobs + self.refused


class CountsFirst(BuildEndpoints):
    """Counts before it looks."""

    async def flow(self, flow_id: str, *, user_id: str) -> Flow:
        """The stored flow to be built."""
        assert isinstance(self.desk, LeakyDesk)
        self.desk.refused += 1
        flow = await super().flow(flow_id, user_id=user_id)
        self.desk.refused -= 1
        return flow


class VariantAssembly(Assembly):
    """Submits through it."""

    desk_class = LeakyDesk
    build_endpoints_class = CountsFirst
