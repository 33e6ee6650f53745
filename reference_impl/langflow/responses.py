"""Answers that must know whether anybody is still there to get them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reference_impl.common.connections import watching
from reference_impl.core.events import Event
from reference_impl.langflow.poller import PollAnswer
from reference_impl.langflow.reader import WorkerGoes

MEDIA_TYPE = "application/x-ndjson"


class EventStream(Response):
    """One JSON object a chunk, as it comes; a client that leaves first is reported."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncIterator[Event], *, on_left: Callable[[], None]) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._events = events
        self._on_left = on_left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events end or the client leaves."""
        async with watching(receive) as gone:
            feeding = asyncio.create_task(self._feed(send))
            try:
                await asyncio.wait({feeding, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                left = not feeding.done()
                feeding.cancel()
            if left:
                self._on_left()
            else:
                feeding.result()

    async def _feed(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        try:
            async for event in self._events:
                chunk = event.body.encode() + b"\n\n"
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except WorkerGoes:
            return  # a body that is not completed: the server breaks the connection off
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class PollResponse(Response):
    """The answer to a poll; asks whether the client was there, and tells ``settle``."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        answer: PollAnswer,
        *,
        gone: asyncio.Task[None],
        settle: Callable[[bool], Awaitable[None]],
    ) -> None:
        headers = {"X-Events-Cursor": f"{answer.cursor}-0", "X-Job-State": answer.state.public}
        super().__init__("\n".join(event.body for event in answer.events), headers=headers)
        if answer.taken:
            # A client that knows the length has its whole answer before the last piece comes.
            del self.headers["content-length"]
        self._taken = answer.taken
        self._gone = gone
        self._settle = settle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all but the last piece, settle, and complete the answer.

        The last piece waits because a client that has its whole answer may poll again at once,
        and because the server calls every client gone once its answer is complete.
        """
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        if self._taken:
            await asyncio.sleep(0)
            await self._settle(not self._gone.done())
        await send({"type": "http.response.body", "body": b"", "more_body": False})
