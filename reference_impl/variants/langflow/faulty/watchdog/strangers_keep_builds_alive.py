"""Whatever is asked about a build is a sign of life of its client, whoever asks, and is refused.

The heartbeat is written where the job is looked up, before anybody asks who wants to know: a
stranger's old tab, which is told 404 every second, keeps an abandoned build alive for ever.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"WDOG-001"})
PLAYS = ("WDOG-002", "WDOG-004..006", "WDOG-008")


class TouchesFirst(BuildEndpoints):
    """Writes before it looks."""

    async def record(self, request: Request) -> Record:
        """The job asked for, whoever asks: somebody cares for it."""
        record = await super().record(request)
        await self.store.touch(record.job_id)
        return record


class VariantAssembly(Assembly):
    """Reads through it."""

    build_endpoints_class = TouchesFirst
