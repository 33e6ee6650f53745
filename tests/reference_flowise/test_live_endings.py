"""How a stream ends when its job is over and events are still missing."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from reference_impl.core.predictions import State
from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.live_reader import LiveEvent, LiveReader
from reference_impl.flowise.sse import EventStreamResponse, Stream
from reference_impl.flowise.tables import Prediction

EVENTS = [LiveEvent(number, "token", f"t{number}") for number in (1, 2, 3)]
OVER = Prediction(
    id="p",
    flow_id="f",
    chat_id="c",
    question="q",
    state=State.COMPLETED,
    reason=None,
    error=None,
    result={"text": "t3", "chatId": "c"},
    events=len(EVENTS),
    abort_asked=False,
    worker="w",
    created_s=0.0,
    finished_s=1.0,
)


class Kept:
    """The stream of events in a Redis that is away for a while, and may have lost some."""

    def __init__(self, events: list[LiveEvent], *, away_s: float) -> None:
        self._events = events
        self._back_s = time.monotonic() + away_s

    async def replay(self, _job_id: str, *, after: int) -> list[LiveEvent]:
        """What is kept, once it can be asked."""
        if time.monotonic() < self._back_s:
            raise ConnectionError
        return self._events[after:]


def stream_of(kept: Kept) -> Stream:
    """The stream of a job that is over."""
    ticket = Ticket("p")
    ticket.done.set_result(OVER)
    return Stream(
        ticket,
        LiveReader("p", "c", kept),
        heartbeat_s=5.0,
        patience_s=0.2,
        outage_patience_s=3.0,
    )


def told(kept: Kept) -> str:
    """Everything that a client is told whose job is over before its events came."""

    async def read() -> str:
        return b"".join([chunk async for chunk in stream_of(kept).chunks()]).decode()

    return asyncio.run(read())


def test_events_that_redis_keeps_are_waited_for_while_it_is_away() -> None:
    """They are late, not lost: to call the job failed would contradict its result."""
    said = told(Kept(EVENTS, away_s=0.6))

    assert [word for word in ("t1", "t2", "t3", '"end"') if word in said] == [
        *("t1", "t2", "t3", '"end"')
    ]
    assert "error" not in said


def test_events_that_are_gone_are_told_to_be_lost() -> None:
    """Redis answers and has no more of them: nobody waits through an outage that is none."""
    begun_s = time.monotonic()

    said = told(Kept(EVENTS[:1], away_s=0.0))

    assert "2 of 3 events of this stream were lost" in said
    assert time.monotonic() - begun_s < 2.0


def test_what_is_ready_at_once_is_sent_at_once() -> None:
    """One write of the start, one of three events and the ending; none waits for another."""

    async def bodies() -> list[bytes]:
        sent: list[bytes] = []

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        await EventStreamResponse(stream_of(Kept(EVENTS, away_s=0.0)))._feed(send)
        return sent

    start, body = asyncio.run(bodies())
    assert start == b""
    assert body.count(b"message:") == len(EVENTS) + 2


def test_what_is_ready_does_not_wait_for_what_is_missing() -> None:
    """The first event goes out before the others are asked for again."""

    async def bodies() -> list[bytes]:
        sent: list[bytes] = []

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        await EventStreamResponse(stream_of(Kept(EVENTS[:1], away_s=0.0)))._feed(send)
        return sent

    assert b"t1" in asyncio.run(bodies())[1]
