"""Streams and polls as they leave the worker, chunk by chunk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from reference_impl.core.events import Event, make_event
from reference_impl.core.states import JobState
from reference_impl.langflow.poller import PollAnswer
from reference_impl.langflow.reader import WorkerGoes
from reference_impl.langflow.responses import EventStream, PollResponse


async def _told(events: AsyncIterator[Event]) -> tuple[list[dict[str, Any]], int]:
    """What the server is given to send, and how often the client was said to have left."""
    sent: list[dict[str, Any]] = []
    left: list[None] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    stream = EventStream(events, on_left=lambda: left.append(None))
    await stream({"type": "http"}, receive, send)
    return sent, len(left)


def test_a_whole_stream_is_completed() -> None:
    async def events() -> AsyncIterator[Event]:
        yield make_event("end", {})

    sent, left = asyncio.run(_told(events()))

    assert [message.get("more_body") for message in sent] == [None, True, False]
    assert left == 0


def test_a_worker_that_goes_breaks_its_streams_off_and_says_nothing_of_the_job() -> None:
    async def events() -> AsyncIterator[Event]:
        yield make_event("tick", {})
        raise WorkerGoes

    sent, left = asyncio.run(_told(events()))

    assert [message.get("more_body") for message in sent] == [None, True]
    assert left == 0


async def _polled() -> tuple[list[dict[str, Any]], int]:
    """What the server is given to send, and how many of that before the take was settled."""
    sent: list[dict[str, Any]] = []
    before = 0

    async def receive() -> dict[str, Any]:
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    async def settle(delivered: bool) -> None:
        nonlocal before
        assert delivered
        before = len(sent)

    answer = PollAnswer((make_event("tick", {}),), cursor=1, state=JobState.RUNNING, taken=True)
    gone = asyncio.create_task(asyncio.sleep(60))
    response = PollResponse(answer, gone=gone, settle=settle)
    await response({"type": "http"}, receive, send)
    gone.cancel()
    return sent, before


def test_a_client_cannot_have_its_whole_answer_before_its_events_count_as_delivered() -> None:
    sent, before = asyncio.run(_polled())

    assert [message.get("more_body") for message in sent] == [None, True, False]
    assert before == 2
    assert b"content-length" not in dict(sent[0]["headers"])  # else the second would complete it
