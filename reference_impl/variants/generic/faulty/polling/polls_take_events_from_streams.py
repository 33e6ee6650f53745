"""What a poll has carried is not streamed any more.

Seen where one queue in memory feeds both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front
from reference_impl.generic.store import FINAL

FAILS = frozenset({"POLL-012"})
PLAYS = ("POLL-002", "STRM-002")


def install() -> None:
    """Leave out of the streams what was polled while the job ran."""
    events, lines_of = Front.events, Front.lines_of

    async def counted(self: Front, request: Request) -> Response:
        answer = await events(self, request)
        job_id = request.path_params["job"]
        if (await self.store.job(job_id)).get("state") not in FINAL:
            seen = bytes(answer.body).count(b'"step":')
            await self.store.redis.incrby(f"polled:{job_id}", seen)
        return answer

    async def what_is_left(self: Front, job_id: str) -> AsyncIterator[bytes]:
        async for line in lines_of(self, job_id):
            left = int(await self.store.redis.get(f"polled:{job_id}") or 0)
            if left and b'"step":' in line:
                await self.store.redis.decr(f"polled:{job_id}")
            else:
                yield line

    Front.events = counted  # type: ignore[method-assign]
    Front.lines_of = what_is_left  # type: ignore[method-assign]
