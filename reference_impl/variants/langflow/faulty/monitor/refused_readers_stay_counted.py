"""A reader that is refused is counted as reading for good: the count goes up before the question.

``readers += 1`` stands at the head of the handler, the ``finally`` around what comes behind it.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"MONI-007"})
PLAYS = ("MONI-001..004",)


class CountsFirst(BuildEndpoints):
    """Counts before it looks."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job, its reader counted; whoever gets none is never taken off again."""
        self.readers.now += 1
        record = await super().readable(request, user_id)
        self.readers.now -= 1
        return record


class VariantAssembly(Assembly):
    """Reads through it."""

    build_endpoints_class = CountsFirst
