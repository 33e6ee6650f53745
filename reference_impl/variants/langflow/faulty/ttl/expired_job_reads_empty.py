"""A read after the time to live gets an empty success: the stream key is gone, and so is all doubt.

A client that comes late believes that its job produced nothing.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-006"})
PLAYS = (
    "TTL-001..008",
    "STRM-001",
    "POLL-001",
)
KNOWN = "lfq:known"
KNOWN_FOR_S = 600


class KindEndpoints(BuildEndpoints):
    """Remembers which jobs there were."""

    async def submit(self, request: Request) -> Response:
        """Note the job."""
        response = await super().submit(request)
        for job_id in list(self.desk.jobs):
            await self._client.sadd(KNOWN, job_id)
        await self._client.expire(KNOWN, KNOWN_FOR_S)
        return response

    async def events(self, request: Request) -> Response:
        """An expired job has no events."""
        job_id = request.path_params["job_id"]
        gone = await self.store.record(job_id) is None
        if gone and await self._client.sismember(KNOWN, job_id):
            await self.auth.user(request)
            return Response(media_type="application/x-ndjson")
        return await super().events(request)

    @property
    def _client(self):  # type: ignore[no-untyped-def]
        assert isinstance(self.store, RedisStore)
        return self.store.client


class VariantAssembly(Assembly):
    """Answers through it."""

    build_endpoints_class = KindEndpoints
