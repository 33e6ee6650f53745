"""Once a worker has shown a job to its user it shows it to everybody.

Whether somebody may read a job is kept by the job's id, and the id of the user was left out of the
key: the first answer holds for all who come later. Strangers who come first are refused.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"ACCS-008", "ACCS-009"})
PLAYS = ("ACCS-001..012", "CANC-009")


class Remembering(BuildEndpoints):
    """Asks once a job."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if somebody was allowed to read it before."""
        shown: set[str] = self.__dict__.setdefault("shown", set())
        if request.path_params["job_id"] in shown:
            return await self.record(request)
        record = await super().readable(request, user_id)
        shown.add(record.job_id)
        return record


class VariantAssembly(Assembly):
    """Reads through it."""

    build_endpoints_class = Remembering
