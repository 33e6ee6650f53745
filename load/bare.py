"""The bare HTTP stack: the same Starlette, Uvicorn and Gunicorn; its endpoint does nothing.

Its workers share a crowd's connections as the reference's do: how many of them get any would be
luck otherwise, and the figure with it. It answers a submit as a target would (its body is read, a
job is named) and keeps nothing. What a target needs more than this is what its own work costs.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_ANSWER = b'{"job_id": "00000000-0000-4000-8000-000000000000"}'


async def submit(request: Request) -> Response:
    """Read the body, name a job."""
    await request.body()
    return Response(_ANSWER, media_type="application/json")


async def health(request: Request) -> Response:  # noqa: ARG001  (Starlette's signature)
    """It serves."""
    return PlainTextResponse("ok")


app = Starlette(
    routes=[
        Route("/api/v1/build/{flow_id}/flow", submit, methods=["POST"]),
        Route("/health", health),
    ]
)
