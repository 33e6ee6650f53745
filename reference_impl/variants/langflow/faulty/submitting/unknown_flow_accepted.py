"""A submit for a flow that does not exist gets a job ID; the job then ends in an error.

Validation was moved into the worker's task to make the answer faster. The client polls a job
that never had a chance, and a misspelt ID looks like a broken flow.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.database import Flow
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"SUBM-003"})
PLAYS = ("SUBM-001..004", "ACCS-005")


class LateChecking(BuildEndpoints):
    """Takes the order first."""

    async def flow(self, flow_id: str, *, user_id: str) -> Flow:
        """The stored flow, or one without anything in it."""
        stored = await self.database.flow(flow_id, user_id=user_id)
        return stored or Flow(flow_id, user_id, "", None, {"nodes": "none"}, 0.0)


class VariantAssembly(Assembly):
    """Accepts what it cannot do."""

    build_endpoints_class = LateChecking
