"""A worker keeps every flow that it has built once, and builds it after it was deleted.

Flows are read from the database often and change seldom; what deletes one empties the cache of the
worker that was asked to, if that.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.database import Flow
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"SUBM-003"})
PLAYS = ("SUBM-001..004", "ACCS-010")


class KeepingBuilds(BuildEndpoints):
    """Looks a flow up once."""

    async def flow(self, flow_id: str, *, user_id: str) -> Flow:
        """The flow as it was when it was built first."""
        kept: dict[tuple[str, str], Flow] = self.__dict__.setdefault("kept", {})
        if (flow_id, user_id) not in kept:
            kept[flow_id, user_id] = await super().flow(flow_id, user_id=user_id)
        return kept[flow_id, user_id]


class VariantAssembly(Assembly):
    """Submits through it."""

    build_endpoints_class = KeepingBuilds
