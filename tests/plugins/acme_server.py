"""The queue of docs/writing-a-target.md: jobs in memory, events as JSON; started as a program."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.request
import uuid
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

#: A promise that it breaks on purpose: the third tick is told twice.
TWICE = os.environ.get("ACME_FAULT") == "twice"


class Job:
    """One job: its events so far, and what runs it."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.events: list[dict[str, Any]] = []
        self.more = asyncio.Event()
        self.task = asyncio.create_task(self.run(body))

    def tell(self, kind: str, **more: Any) -> None:
        self.events.append({"kind": kind, **more})
        self.more.set()
        self.more = asyncio.Event()

    @property
    def over(self) -> bool:
        return bool(self.events) and self.events[-1]["kind"] in ("end", "cancelled")

    async def run(self, body: dict[str, Any]) -> None:
        try:
            await asyncio.sleep(body.get("slow_start_s", 0.0))
            self.tell("start")
            for tick in range(body["ticks"]):
                if tick == body.get("fail_at"):
                    self.tell("error", text="failed as asked")
                    break
                if witness := body.get("witness"):
                    await asyncio.to_thread(urllib.request.urlopen, f"{witness}/{tick}")
                for _ in range(1 + (TWICE and tick == 2)):
                    self.tell("tick", tick=tick, text="." * body.get("payload_bytes", 0))
                await asyncio.sleep(body["interval_s"])
                if tick == body.get("quiet_after"):
                    await asyncio.sleep(body.get("quiet_s", 0.0))
            self.tell("end")
        except asyncio.CancelledError:
            self.tell("cancelled")


JOBS: dict[str, Job] = {}


async def submit(request: Request) -> Response:
    name = uuid.uuid4().hex
    JOBS[name] = Job(await request.json())
    return JSONResponse({"id": name}, status_code=201)


async def events(request: Request) -> Response:
    job = JOBS.get(request.path_params["job"])
    if job is None:
        return JSONResponse({"detail": "no such job"}, status_code=404)
    return JSONResponse({"events": job.events[int(request.query_params["after"]) :]})


async def stream(request: Request) -> Response:
    job = JOBS.get(request.path_params["job"])
    if job is None:
        return JSONResponse({"detail": "no such job"}, status_code=404)

    async def lines(job: Job) -> AsyncIterator[bytes]:
        told = 0
        while True:
            more = job.more
            for row in job.events[told:]:
                yield json.dumps(row).encode() + b"\n"
            told = len(job.events)
            if job.over:
                return
            await more.wait()

    return StreamingResponse(lines(job), media_type="application/x-ndjson")


async def cancel(request: Request) -> Response:
    job = JOBS.get(request.path_params["job"])
    if job is None:
        return JSONResponse({"detail": "no such job"}, status_code=404)
    cancelled = job.task.cancel()
    await asyncio.wait({job.task})
    if not job.over:
        job.tell("cancelled")  # it was ended before its first step
    return JSONResponse({"cancelled": cancelled})


async def ready(_: Request) -> Response:
    return JSONResponse({"ready": True})


app = Starlette(
    routes=[
        Route("/ready", ready),
        Route("/jobs", submit, methods=["POST"]),
        Route("/jobs/{job}/events", events),
        Route("/jobs/{job}/stream", stream),
        Route("/jobs/{job}", cancel, methods=["DELETE"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
