"""A prediction as server-sent events, in Flowise's framing, with an ending that always says how.

The stream is over when the prediction's row is and every event the row counts was delivered.
``error`` says why there is no result, or that events were lost; ``end`` is the last thing sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reference_impl.common.connections import watching
from reference_impl.core.predictions import State
from reference_impl.flowise.desk import Ticket, WaitedTooLong
from reference_impl.flowise.errors import TOO_LONG
from reference_impl.flowise.live_reader import LiveReader
from reference_impl.flowise.tables import Prediction

HEARTBEAT = b":heartbeat\n\n"
# A chunk that says: what came before it goes out now.
NOW = b""
CHARACTERS_AT_ONCE = 65_536
METADATA = ("chatId", "chatMessageId", "question", "sessionId")


def frame(event: str, data: object) -> bytes:
    """One event as Flowise frames it."""
    return f"message:\ndata:{json.dumps({'event': event, 'data': data})}\n\n".encode()


class Stream:
    """What one client is sent of one prediction."""

    def __init__(
        self,
        ticket: Ticket,
        reader: LiveReader,
        *,
        heartbeat_s: float,
        patience_s: float,
        outage_patience_s: float,
    ) -> None:
        self._ticket = ticket
        self._reader = reader
        self._heartbeat_s = heartbeat_s
        self._patience_s = patience_s
        self._outage_patience_s = outage_patience_s
        ticket.on_done(reader.wake)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Every event in order, then how it ended; :data:`NOW` before every wait."""
        while not self._ticket.done.done():
            sent = self._reader.delivered
            async for event in self._reader.ready():
                yield frame(event.name, event.data)
            quiet = sent == self._reader.delivered
            yield NOW
            if quiet and not self._ticket.done.done() and await self._silent():
                yield HEARTBEAT
        try:
            row = self._ticket.done.result()
        except WaitedTooLong:
            yield frame("error", TOO_LONG)
        else:
            async for chunk in self._rest(row):
                yield chunk
        yield frame("end", "[DONE]")

    async def _silent(self) -> bool:
        """Wait for news; whether there was none for as long as a client should bear."""
        begun_s = time.monotonic()
        await self._reader.wait(within_s=self._heartbeat_s)
        return time.monotonic() - begun_s >= self._heartbeat_s

    async def _rest(self, row: Prediction) -> AsyncIterator[bytes]:
        """The completion may overtake events; what is missing is asked for until patience ends.

        While Redis cannot be asked, what it keeps is not lost: an outage is ridden out.
        """
        begun_s = time.monotonic()
        if row.state is not State.COMPLETED or not row.events:
            # Whoever ends a prediction on its worker's behalf does not know how many there are.
            self._reader.fall_behind()
        pause_s = 0.0
        while True:
            async for event in self._reader.ready():
                yield frame(event.name, event.data)
            away = self._reader.is_behind
            patience_s = max(self._patience_s, self._outage_patience_s if away else 0.0)
            if self._reader.delivered >= row.events or time.monotonic() - begun_s >= patience_s:
                break
            yield NOW
            self._reader.fall_behind()
            await asyncio.sleep(pause_s)
            pause_s = min(0.1, self._patience_s)
        for event_name, data in self._ending(row):
            yield frame(event_name, data)

    def _ending(self, row: Prediction) -> list[tuple[str, object]]:
        if row.state is not State.COMPLETED or row.result is None:
            return [("error", row.error or "the prediction failed")]
        metadata = {key: row.result.get(key) for key in METADATA}
        lost = row.events - self._reader.delivered
        if lost > 0:
            message = f"{lost} of {row.events} events of this stream were lost; the result was kept"
            return [("error", message), ("metadata", metadata)]
        return [("metadata", metadata)]


class EventStreamResponse(Response):
    """Sends the chunks as they come, and tidies up however it ends."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end, or until the client is gone."""
        async with watching(receive) as gone:
            feeding = asyncio.create_task(self._feed(send))
            try:
                await asyncio.wait({feeding, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not feeding.done():
                    feeding.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await feeding

    async def _feed(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        ready: list[bytes] = []
        characters = 0
        async for chunk in self._stream.chunks():
            ready.append(chunk)
            characters += len(chunk)
            if characters >= CHARACTERS_AT_ONCE or (chunk == NOW and characters):
                body = b"".join(ready)
                await send({"type": "http.response.body", "body": body, "more_body": True})
                ready, characters = [], 0
        body = b"".join(ready)
        await send({"type": "http.response.body", "body": body, "more_body": False})
