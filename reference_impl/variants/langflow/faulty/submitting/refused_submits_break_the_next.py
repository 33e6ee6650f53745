"""After a submit that was refused, the worker's next one is answered 500.

The refusal leaves a transaction open, and the next statement on that connection meets it.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.database import Flow
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"SUBM-003"})
PLAYS = ("ACCS-001",)


class OneConnection(BuildEndpoints):
    """Rolls nothing back."""

    spoilt = False

    async def flow(self, flow_id: str, *, user_id: str) -> Flow:
        """The stored flow to be built."""
        if self.spoilt:
            self.spoilt = False
            raise HTTPException(500, "current transaction is aborted")
        self.spoilt = True
        flow = await super().flow(flow_id, user_id=user_id)
        self.spoilt = False
        return flow


class VariantAssembly(Assembly):
    """Submits through it."""

    build_endpoints_class = OneConnection
