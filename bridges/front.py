"""The job API over HTTP, for the library that BRIDGE_LIBRARY names.

`uvicorn bridges.front:app`, with BRIDGE_LIBRARY, BRIDGE_QUEUE_URL and BRIDGE_OWN_URL. What each
request takes and answers: README.md.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import uuid
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bridges import settings
from bridges.jobs import Backend, Order, State, Unsupported
from bridges.record import Record

_HOLD_S = 1.0
_LOOK_EVERY_S = 0.1

_backend: Backend = importlib.import_module(
    f"bridges.backends.{settings.text('LIBRARY', 'rq')}"
).backend
_record = Record()


async def health(request: Request) -> Response:
    """`GET /` and `GET /health`."""
    return PlainTextResponse("ok")


async def submit(request: Request) -> Response:
    """`POST /jobs {"kind": "steps", "steps": 3, …}`: 202 with the library's id of the job."""
    body = await request.json()
    if body.pop("kind", None) != "steps":
        raise HTTPException(422, "the only kind of job is steps")
    try:
        order = Order.read(body)
    except (TypeError, ValueError) as error:
        raise HTTPException(422, str(error)) from None
    token = uuid.uuid4().hex
    job_id = await _ask(_backend.submit, order, order.work(token))
    await _ask(_record.submitted, job_id, token)
    return JSONResponse({"id": job_id}, status_code=202)


async def status(request: Request) -> Response:
    """`GET /jobs/{id}`: the state that the library tells, and the runs that the bridge saw."""
    job_id, token = await _job_of(request)
    state = await _state_of(job_id)
    runs = await _ask(_record.runs, token)
    return JSONResponse({"id": job_id, "state": state, "runs": runs})


async def events(request: Request) -> Response:
    """`GET /jobs/{id}/events?after=…`: new steps, the next position, and the state.

    The state is asked before the steps: at a final one every step is there.
    """
    job_id, token = await _job_of(request)
    after = request.query_params.get("after", "0")
    until_s = asyncio.get_running_loop().time() + _HOLD_S
    while True:
        state = await _state_of(job_id)
        rows = await _ask(_record.steps_after, token, after)
        if rows or state.is_final or asyncio.get_running_loop().time() > until_s:
            break
        await asyncio.sleep(_LOOK_EVERY_S)
    return JSONResponse(
        {
            "events": [event for _, event in rows],
            "next": rows[-1][0] if rows else after,
            "state": state,
        }
    )


async def result(request: Request) -> Response:
    """`GET /jobs/{id}/result`: what the job returned; 409 while there is none."""
    job_id, _ = await _job_of(request)
    found = await _ask(_backend.result, job_id)
    if found is None:
        raise HTTPException(409, "there is no result")
    return JSONResponse({"id": job_id, "result": found})


async def cancel(request: Request) -> Response:
    """`POST /jobs/{id}/cancel`: whether the library took it; 409 for a job that has ended."""
    job_id, _ = await _job_of(request)
    if (await _state_of(job_id)).is_final:
        return JSONResponse({"cancelled": False, "why": "it has ended"}, status_code=409)
    return JSONResponse({"cancelled": bool(await _ask(_backend.cancel, job_id))})


async def workers(request: Request) -> Response:
    """`GET /workers`: those that the library says are there."""
    return JSONResponse({"workers": await _ask(_backend.workers)})


async def _job_of(request: Request) -> tuple[str, str]:
    """The job that is asked for; 404 for an id that nobody was given."""
    job_id = request.path_params["job"]
    token = await _ask(_record.token_of, job_id)
    if token is None:
        raise HTTPException(404, "no such job")
    return job_id, token


async def _state_of(job_id: str) -> State:
    return State(await _ask(_backend.state, job_id))


async def _ask(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a backend's function, on the loop or in a thread.

    501 for what the library has no means for, 503 with its words for what it raises.
    """
    try:
        if inspect.iscoroutinefunction(function):
            return await function(*arguments)
        return await asyncio.to_thread(function, *arguments)
    except Unsupported as error:
        raise HTTPException(501, str(error)) from None
    except Exception as error:  # whatever the library raises is its answer, not the bridge's
        raise HTTPException(503, f"{type(error).__name__}: {error}"[:300]) from error


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


app = Starlette(
    routes=[
        Route("/", health),
        Route("/health", health),
        Route("/workers", workers),
        Route("/jobs", submit, methods=["POST"]),
        Route("/jobs/{job}", status),
        Route("/jobs/{job}/events", events),
        Route("/jobs/{job}/result", result),
        Route("/jobs/{job}/cancel", cancel, methods=["POST"]),
    ],
    exception_handlers={HTTPException: _refused},
)
