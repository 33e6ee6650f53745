"""Mechanical variants: what becomes of the answers of one kind, and that the others stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from reference_impl.common.altered import AlteredAnswers, Form, alteration
from reference_impl.variants.langflow.mechanical.langflow_answers import OPERATIONS

IDS = ("job-a", "job-b", "job-c")


def client(words: str) -> httpx.AsyncClient:
    """A client of an application that makes three jobs and tells which one was asked about."""
    ids = iter(IDS)

    async def submit(request: Request) -> Response:
        return JSONResponse({"job_id": next(ids)})

    async def events(request: Request) -> Response:
        async def told() -> AsyncIterator[str]:
            yield request.path_params["job"]

        return StreamingResponse(told())

    routes = [
        Route("/api/v1/build/{flow}/flow", submit, methods=["POST"]),
        Route("/api/v1/build/{job}/events", events),
    ]
    operation, form = alteration(words, OPERATIONS)
    app = AlteredAnswers(Starlette(routes=routes), operation=operation, form=form, known=OPERATIONS)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://target")


async def ids_of(http: httpx.AsyncClient, number: int) -> list[str]:
    """What submits were answered with."""
    answers = [await http.post("/api/v1/build/f/flow", json={}) for _ in range(number)]
    return [answer.json()["job_id"] for answer in answers]


def poll(http: httpx.AsyncClient, job: str) -> Awaitable[httpx.Response]:
    """One poll."""
    return http.get(f"/api/v1/build/{job}/events", params={"event_delivery": "polling"})


@pytest.mark.parametrize(
    ("words", "answer"), [("poll 500", (500, True)), ("poll empty", (200, False))]
)
def test_one_kind_of_answer_is_exchanged_and_the_others_stay(
    words: str, answer: tuple[int, bool]
) -> None:
    """Polls are altered, streams of the same path are not."""

    async def both() -> tuple[httpx.Response, httpx.Response]:
        async with client(words) as http:
            return await poll(http, "job-a"), await http.get("/api/v1/build/job-a/events")

    polled, streamed = asyncio.run(both())
    assert (polled.status_code, bool(polled.content)) == answer
    assert (streamed.status_code, streamed.text) == (200, "job-a")


def test_a_poll_is_answered_with_another_jobs_events() -> None:
    """As soon as there is another one."""

    async def polled() -> str:
        async with client("poll other") as http:
            await ids_of(http, 2)
            return (await poll(http, "job-b")).text

    assert asyncio.run(polled()) == "job-a"


def test_a_submit_is_answered_with_an_earlier_jobs_id() -> None:
    """Whose job goes on being told as before."""

    async def submitted() -> list[str]:
        async with client("submit other") as http:
            return await ids_of(http, 3)

    assert asyncio.run(submitted()) == ["job-a", "job-a", "job-b"]


def test_what_is_not_known_is_refused() -> None:
    """A misspelt operation would leave the variant as good as the reference."""
    with pytest.raises(ValueError, match="no operation 'pole'"):
        alteration("pole 500", OPERATIONS)
    assert alteration("stream hang", OPERATIONS)[1] is Form.SILENCE
