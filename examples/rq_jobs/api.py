"""The API: submit, poll, stream, status, cancel.

`uvicorn examples.rq_jobs.api:app`, as often as you like, with JOBS_REDIS_URL and JOBS_USERS
(`token=name,…`). JOBS_FAULT breaks it on purpose, for trying what queueproof finds:

    cursor_in_memory         polls forget the client's position and keep one of their own
    cancel_where_it_began    only the process that took a job can cancel it; the others say they did
    failures_look_finished   a failed job ends like a finished one
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis
from rq import Queue
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from examples.rq_jobs.store import FAULT, JobStore, connect, events_key, job_key

POLL_HOLD_MS = 500
PAGE = 500
FINAL = ("finished", "failed", "cancelled")
USERS = dict(pair.split("=") for pair in os.environ.get("JOBS_USERS", "").split(",") if pair)
TASKS = {"probe": "examples.rq_jobs.tasks.probe"}

_URL = os.environ.get("JOBS_REDIS_URL", "redis://127.0.0.1:6379")
_redis = Redis.from_url(_URL, decode_responses=True)
_store = JobStore(connect())
_queue = Queue(connection=connect())
_begun_here: set[str] = set()
_cursors: dict[str, str] = {}


async def submit(request: Request) -> Response:
    """`POST /jobs {"task": …, "arguments": {…}}`: 202 with the job's id."""
    owner = user_of(request)
    body = await request.json()
    task = TASKS.get(body.get("task"))
    if task is None:
        raise HTTPException(422, f"no task {body.get('task')!r}")
    job_id = uuid.uuid4().hex
    await asyncio.to_thread(_enqueue, task, job_id, owner, body.get("arguments", {}))
    _begun_here.add(job_id)
    return JSONResponse({"id": job_id}, status_code=202)


async def status(request: Request) -> Response:
    """`GET /jobs/{id}`: its state."""
    job_id, state = await job_of(request)
    return JSONResponse({"id": job_id, "state": state})


async def events(request: Request) -> Response:
    """`GET /jobs/{id}/events?after=…`: what came after a position, waiting a little for it."""
    job_id, state = await job_of(request)
    after = request.query_params.get("after", "0")
    if FAULT == "cursor_in_memory":
        after = _cursors.get(job_id, "0")
    entries = await entries_after(job_id, after, hold_ms=0 if state in FINAL else POLL_HOLD_MS)
    last = entries[-1][0] if entries else after
    _cursors[job_id] = last
    told = [event for _, event in entries]
    return JSONResponse({"events": told, "next": last, "state": state})


async def stream(request: Request) -> Response:
    """`GET /jobs/{id}/stream`: every event from the first, one JSON object a line."""
    job_id, _ = await job_of(request)
    return StreamingResponse(lines_of(job_id), media_type="application/x-ndjson")


async def cancel(request: Request) -> Response:
    """`POST /jobs/{id}/cancel`: 200 when the job will stop, 409 when it had ended."""
    job_id, state = await job_of(request)
    if state in FINAL:
        return JSONResponse({"cancelled": False, "reason": f"it is {state}"}, status_code=409)
    if FAULT != "cancel_where_it_began" or job_id in _begun_here:
        await asyncio.to_thread(_cancel, job_id, state)
    return JSONResponse({"cancelled": True})


async def health(request: Request) -> Response:
    """`GET /health`."""
    return PlainTextResponse("ok")


def user_of(request: Request) -> str:
    """Who asks; 401 for nobody we know. Without JOBS_USERS everybody is welcome."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if USERS and token not in USERS:
        raise HTTPException(401, "who are you?")
    return USERS.get(token, "")


async def job_of(request: Request) -> tuple[str, str]:
    """The id and the state of the job that is asked for; 404 if it is not the user's."""
    user, job_id = user_of(request), request.path_params["job"]
    row: Any = await _redis.hgetall(job_key(job_id))
    if not row or row["owner"] != user:
        raise HTTPException(404, "no such job")
    return job_id, row["state"]


async def entries_after(job_id: str, after: str, *, hold_ms: int) -> list[tuple[str, Any]]:
    """Positions and events behind a position; waits for some, unless `hold_ms` is 0."""
    key = events_key(job_id)
    found: Any = await _redis.xread({key: after}, count=PAGE, block=hold_ms or None)
    pages = found.values() if isinstance(found, dict) else [rows for _, rows in found or ()]
    rows = [row for page in pages for row in page]
    return [(position, json.loads(fields["event"])) for position, fields in rows]


async def lines_of(job_id: str) -> AsyncIterator[bytes]:
    """The stream's lines; the last is the one that says how the job ended."""
    position = "0"
    while True:
        entries = await entries_after(job_id, position, hold_ms=POLL_HOLD_MS)
        for _, event in entries:
            yield json.dumps(event).encode() + b"\n"
            if event["type"] in FINAL:
                return
        position = entries[-1][0] if entries else position


def _enqueue(task: str, job_id: str, owner: str, arguments: dict[str, Any]) -> None:
    _store.create(job_id, owner)
    _queue.enqueue_call(task, args=(job_id,), kwargs=arguments, job_id=job_id, timeout=3600)


def _cancel(job_id: str, state: str) -> None:
    _store.cancel(job_id)
    if state == "queued":
        _store.end(job_id, "cancelled")


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/jobs", submit, methods=["POST"]),
        Route("/jobs/{job}", status),
        Route("/jobs/{job}/events", events),
        Route("/jobs/{job}/stream", stream),
        Route("/jobs/{job}/cancel", cancel, methods=["POST"]),
    ]
)
