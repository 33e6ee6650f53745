"""A job API without events, in memory, that has each form a mapping may describe, by its path.

`/location` names the id in a header; `/href` in the path of an answer's link; `/chosen` takes the
client's own; `/queues` has a second value in later paths; `/events` tells all events at the end;
`/streamed` answers a submit with the stream of its job's events, `/framed` by server-sent events.
Run it as `uvicorn tests.generic.state_api:app`.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import math
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

_SLOTS = 12
_LOOK_EVERY_S = 0.05


@dataclass
class Job:
    """One job; `runs` is how often it was begun."""

    id: str
    asked: dict[str, Any]
    state: str = "waiting"
    runs: int = 0
    result: str | None = None
    stop: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)


_jobs: dict[str, Job] = {}
_waiting: list[tuple[int, int, Job]] = []
_tasks: set[asyncio.Task[None]] = set()
_running = 0
_turn = 0


def _enqueue(job: Job) -> None:
    global _turn
    _turn += 1
    urgency = {"high": 0, "low": 2}.get(str(job.asked.get("priority")), 1)
    heapq.heappush(_waiting, (urgency, _turn, job))
    _begin()


def _begin() -> None:
    global _running
    while _waiting and _running < _SLOTS:
        job = heapq.heappop(_waiting)[2]
        if job.state == "waiting":
            _running += 1
            _spawn(_run(job))


def _spawn(doing: Any) -> None:
    task = asyncio.create_task(doing)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _later(job: Job, in_s: float) -> None:
    await asyncio.sleep(in_s)
    _enqueue(job)


async def _run(job: Job) -> None:
    global _running
    job.state, job.runs = "running", job.runs + 1
    try:
        await _work(job)
        job.state = "cancelled" if job.stop else "done"
        job.result = None if job.stop else job.asked.get("answer")
    except RuntimeError:
        job.state = "error"
        if job.runs <= int(job.asked.get("retries") or 0):
            job.state = "waiting"
            _spawn(_later(job, 0.3))
    finally:
        _running -= 1
        _begin()


async def _work(job: Job) -> None:
    asked = job.asked
    await _rest(job, asked.get("slow_start_s") or 0.0)
    for step in range(asked["steps"]):
        if job.stop:
            return
        if step == asked.get("fail_at"):
            raise RuntimeError("asked to")
        if asked.get("report_to"):
            await asyncio.to_thread(_report, f"{asked['report_to']}/{step}")
        job.events.append({"type": "step", "step": step})
        if job.runs <= int(asked.get("fail_times") or 0):
            raise RuntimeError("asked to, this time")
        await _rest(job, asked["pause_s"])


async def _rest(job: Job, for_s: float) -> None:
    until_s = time.monotonic() + for_s
    for _ in range(math.ceil(for_s / _LOOK_EVERY_S)):
        if job.stop:
            return
        await asyncio.sleep(max(0.0, min(until_s - time.monotonic(), _LOOK_EVERY_S)))


def _report(url: str) -> None:
    with urllib.request.urlopen(url, timeout=5):
        pass


async def _submitted(request: Request, job_id: str) -> Job:
    asked = await request.json()
    if asked.get("task") != "probe":
        raise HTTPException(422, "no such task")
    if job_id in _jobs:
        raise HTTPException(409, "there is such a job")
    job = _jobs[job_id] = Job(job_id, asked)
    delay_s = asked.get("delay_s") or 0.0
    if delay_s:
        _spawn(_later(job, delay_s))
    else:
        _enqueue(job)
    return job


def _job(request: Request) -> Job:
    if request.path_params["job"] not in _jobs:
        raise HTTPException(404, "no such job")
    return _jobs[request.path_params["job"]]


async def located(request: Request) -> Response:
    """202 with a Location, and no body."""
    job = await _submitted(request, uuid.uuid4().hex)
    return Response(status_code=202, headers={"Location": f"/location/{job.id}"})


async def linked(request: Request) -> Response:
    """The id is inside a link."""
    job = await _submitted(request, uuid.uuid4().hex)
    return JSONResponse({"links": [{"href": f"/href/{job.id}/status"}]}, status_code=201)


async def chosen(request: Request) -> Response:
    """The client has chosen the id."""
    await _submitted(request, request.path_params["job"])
    return Response(status_code=204)


async def queued(request: Request) -> Response:
    """Later paths need the queue's name too; the id is a number."""
    job = await _submitted(request, str(uuid.uuid4().int >> 80))
    return JSONResponse({"id": int(job.id), "queue": {"name": "q one"}})


async def streamed(request: Request) -> Response:
    """The answer is the stream; its first event names the job, its last one how that ended."""
    job = await _submitted(request, uuid.uuid4().hex)
    framed = "framed" in request.url.path

    async def lines() -> AsyncIterator[str]:
        yield _line({"type": "accepted", "job": {"id": job.id}}, framed=framed)
        told = 0
        while job.state in ("waiting", "running") or told < len(job.events):
            for event in job.events[told:]:
                yield _line(event, framed=framed)
            told = len(job.events)
            await asyncio.sleep(_LOOK_EVERY_S)
        yield _line({"type": job.state}, framed=framed)

    return StreamingResponse(lines())


def _line(event: dict[str, Any], *, framed: bool) -> str:
    return f"data: {json.dumps(event)}\n\n" if framed else json.dumps(event) + "\n"


async def state(request: Request) -> Response:
    """The state, the result, and all events once the job is over."""
    job = _job(request)
    if request.path_params.get("queue", "q one") != "q one":
        raise HTTPException(404, "no such queue")
    over = job.state not in ("waiting", "running")
    body: dict[str, Any] = {"state": job.state, "output": {"value": job.result}}
    if "events" in request.url.path:
        body["events"] = job.events if over else []
    return JSONResponse(body)


async def result(request: Request) -> Response:
    """The result alone."""
    return JSONResponse(_job(request).result)


async def cancel(request: Request) -> Response:
    """200 if it will stop, 409 if it is over."""
    job = _job(request)
    if job.state not in ("waiting", "running"):
        raise HTTPException(409, f"it is {job.state}")
    job.stop = True
    if job.state == "waiting":
        job.state = "cancelled"
    return JSONResponse({"ok": True})


async def version(request: Request) -> Response:
    """Of this system."""
    return JSONResponse({"build": {"version": "7.3"}})


async def health(request: Request) -> Response:
    """It serves."""
    return PlainTextResponse("ok")


app = Starlette(
    routes=[
        Route("/", health),
        Route("/health", health),
        Route("/version", version),
        Route("/location", located, methods=["POST"]),
        Route("/href", linked, methods=["POST"]),
        Route("/chosen/{job}", chosen, methods=["PUT"]),
        Route("/queues", queued, methods=["POST"]),
        Route("/events", located, methods=["POST"]),
        Route("/streamed", streamed, methods=["POST"]),
        Route("/framed", streamed, methods=["POST"]),
        Route("/queues/{queue}/{job}", state),
        Route("/{form}/{job}/status", state),
        Route("/{form}/{job}/result", result),
        Route("/{form}/{job}/stop", cancel, methods=["POST"]),
        Route("/queues/{queue}/{job}/stop", cancel, methods=["POST"]),
        Route("/{form}/{job}", state),
    ]
)
