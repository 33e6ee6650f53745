"""The front: submit, status, events, stream, cancel, over HTTP; any number of them side by side."""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from reference_impl.generic.settings import Settings, settings_from
from reference_impl.generic.store import FINAL, PRIORITIES, JobStore, redis_of
from reference_impl.generic.variants import wire_in

#: The folder in which each front process says that it is there, in the environment of all of them.
PRESENT = "JOBS_FRONTS_PRESENT"
_HOLD_MS = 500


class Front:
    """The requests, on one store."""

    def __init__(self, store: JobStore, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    async def submit(self, request: Request) -> Response:
        """`POST /jobs {"task": "steps", …}`: 202 with the id, or that of the job of its name."""
        owner, asked = self.user_of(request), await request.json()
        if asked.get("task") != "steps":
            raise HTTPException(422, f"no task {asked.get('task')!r}")
        if (asked.get("priority") or "normal") not in PRIORITIES:
            raise HTTPException(422, f"no priority {asked.get('priority')!r}")
        job_id = await self.store.submit(self.new_id(), owner, asked)
        return JSONResponse({"id": job_id}, status_code=202)

    def new_id(self) -> str:
        """An id that no other job has, whatever is lost."""
        return uuid.uuid4().hex

    async def status(self, request: Request) -> Response:
        """`GET /jobs/{id}`: its state and, once it has finished, its result."""
        job_id, row = await self.job_of(request)
        return JSONResponse({"id": job_id, "state": row["state"], "result": row.get("result")})

    async def events(self, request: Request) -> Response:
        """`GET /jobs/{id}/events?after=…`: what came after a position, waiting a little for it."""
        job_id, row = await self.job_of(request)
        after = request.query_params.get("after", "0")
        hold_ms = 0 if row["state"] in FINAL else _HOLD_MS
        entries = await self.store.events_after(job_id, after, hold_ms=hold_ms)
        last = entries[-1][0] if entries else after
        told = [event for _, event in entries]
        return JSONResponse({"events": told, "next": last, "state": row["state"]})

    async def stream(self, request: Request) -> Response:
        """`GET /jobs/{id}/stream`: every event from the first, one JSON object a line."""
        job_id, _ = await self.job_of(request)
        return StreamingResponse(self.lines_of(job_id), media_type="application/x-ndjson")

    async def cancel(self, request: Request) -> Response:
        """`POST /jobs/{id}/cancel`: 200 when the job will stop, 409 when it had ended."""
        job_id, _ = await self.job_of(request)
        taken = await self.store.cancel(job_id)
        return JSONResponse({"cancelled": taken}, status_code=200 if taken else 409)

    async def dead(self, request: Request) -> Response:
        """`GET /dead`: the ids of the user's jobs that have failed for good, the last one first."""
        return JSONResponse({"dead": await self.store.dead_letters(self.user_of(request))})

    async def health(self, request: Request) -> Response:
        """`GET /health`: 200 once every process takes requests."""
        if _processes_present() < self.settings.fronts:
            return PlainTextResponse("not all processes are there yet", status_code=503)
        return PlainTextResponse("ok")

    async def queue_health(self, request: Request) -> Response:
        """`GET /health/queue`: 200 while Redis takes writes, as a submit needs."""
        await self.store.say_well()
        return PlainTextResponse("ok")

    async def lines_of(self, job_id: str) -> AsyncIterator[bytes]:
        """The stream's lines; the last is the one that says how the job ended."""
        position = "0"
        while True:
            entries = await self.store.events_after(job_id, position, hold_ms=_HOLD_MS)
            for _, event in entries:
                yield json.dumps(event).encode() + b"\n"
                if event["type"] in FINAL:
                    return
            position = entries[-1][0] if entries else position

    def user_of(self, request: Request) -> str:
        """Who asks; 401 for nobody we know. Without users everybody is welcome."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.settings.users and token not in self.settings.users:
            raise HTTPException(401, "who are you?")
        return self.settings.users.get(token, "")

    async def job_of(self, request: Request) -> tuple[str, dict[str, str]]:
        """The id and what is kept of the job that is asked for; 404 if it is not the user's."""
        user, job_id = self.user_of(request), request.path_params["job"]
        row = await self.store.job(job_id)
        if not row or row["owner"] != user:
            raise HTTPException(404, "no such job")
        return job_id, row


async def _unavailable(request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": f"the queue does not answer: {error}"}, status_code=503)


def _processes_present() -> float:
    """How many processes take requests; enough where nobody has told them to say so."""
    folder = os.environ.get(PRESENT)
    return len(list(Path(folder).iterdir())) if folder else math.inf


@asynccontextmanager
async def _presence(app: Starlette) -> AsyncIterator[None]:
    """This process takes requests from now on."""
    if present := os.environ.get(PRESENT):
        (Path(present) / str(os.getpid())).touch()
    yield


def make_app(settings: Settings) -> Starlette:
    """The front as an ASGI application."""
    redis: Any = redis_of(settings.redis_url, within_s=3.0)
    front = Front(JobStore(redis, settings), settings)
    return Starlette(
        routes=[
            Route("/health", front.health),
            Route("/health/queue", front.queue_health),
            Route("/dead", front.dead),
            Route("/jobs", front.submit, methods=["POST"]),
            Route("/jobs/{job}", front.status),
            Route("/jobs/{job}/events", front.events),
            Route("/jobs/{job}/stream", front.stream),
            Route("/jobs/{job}/cancel", front.cancel, methods=["POST"]),
        ],
        lifespan=_presence,
        exception_handlers=dict.fromkeys((RedisError, OSError, TimeoutError), _unavailable),
    )


def app_from_environment() -> Starlette:
    """The same in a process of its own, with the variant that the environment names."""
    wire_in(os.environ)
    return make_app(settings_from(os.environ))
