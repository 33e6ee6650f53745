"""What a poll would have carried is gone when its client has given it up.

Seen where events are taken off a list before they are sent.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front
from reference_impl.generic.store import FINAL

FAILS = frozenset({"POLL-004", "POLL-011"})
PLAYS = ("POLL-001", "POLL-002")
_HOLD_MS = 1000


def install() -> None:
    """Keep how far each job was told, and hold polls a little longer."""

    async def taking(self: Front, request: Request) -> Response:
        job_id, row = await self.job_of(request)
        key, redis = f"told:{job_id}", self.store.redis
        asked = request.query_params.get("after") or "0"
        after = max(asked, str(await redis.get(key) or "0"), key=_place)
        hold_ms = 0 if row["state"] in FINAL else _HOLD_MS
        entries = await self.store.events_after(job_id, after, hold_ms=hold_ms)
        last = entries[-1][0] if entries else after
        await redis.set(key, last, ex=600)
        events = [event for _, event in entries]
        return JSONResponse({"events": events, "next": last, "state": row["state"]})

    Front.events = taking  # type: ignore[method-assign]


def _place(position: str) -> tuple[int, int]:
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number or 0)
