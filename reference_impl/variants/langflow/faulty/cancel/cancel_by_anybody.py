"""Any user can cancel any job whose ID they know.

Reading was guarded, cancelling was added later and takes the job by its ID alone: the insecure
direct object reference of every second queue dashboard.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-009"})
PLAYS = ("CANC-001", "CANC-008", "ACCS-007", "ACCS-008", "ACCS-009")


class Trusting(BuildEndpoints):
    """Takes an ID for a permission."""

    async def cancellable(self, request: Request, user_id: str) -> Record:
        """The job, whoever asks."""
        return await self.record(request)


class VariantAssembly(Assembly):
    """Lets strangers cancel."""

    build_endpoints_class = Trusting
