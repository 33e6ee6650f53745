"""A streamed prediction: one request whose answer is the job's life.

Flowise has no second way to a job's events, so the connection that submits a job is the one that
reads it. It is read from the moment it answers, in the background, whether a case looks or not:
so events carry the time at which they came.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from queueproof.clock import waiting_for
from queueproof.errors import UsageError
from queueproof.history import Event
from queueproof.targets.asking import Persistence
from queueproof.targets.bodies import pieces
from queueproof.targets.flowise.events import parse_frames
from queueproof.targets.http import Exchange, answering, read_whole
from queueproof.targets.protocol import Reply
from queueproof.targets.reaching import lost_words, unreachable
from queueproof.targets.vantage import Vantage

_EVENT_STREAM = "text/event-stream"


class StreamedPrediction:
    """One streamed prediction from its request to its end."""

    def __init__(self, url: str, now_s: Callable[[], float]) -> None:
        self._vantage = Vantage(url)
        self._now_s = now_s
        self._events: list[Event] = []
        self._news = asyncio.Event()
        self._over = False
        self._trouble: httpx.HTTPError | None = None
        self._answer: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        self._reading: asyncio.Task[None] | None = None

    async def begin(self, path: str, *, within_s: float, **request: Any) -> Exchange:
        """Send the request; its answer as far as it came within `within_s` seconds.

        A stream has begun when the answer is 200 and an event stream; else the body is whole.
        Asked to come again, it comes again. Raises TargetUnreachable when the connection itself
        is refused.
        """
        life = Persistence(self._vantage.url, repeatable=False)
        while True:
            await life.turn()
            answer = await self._ask(path, within_s, request)
            if not await life.again(answer.kind, answer.status, answer.headers):
                return replace(answer, asked_again=life.asked_again, waited_s=life.waited_s)

    async def _ask(self, path: str, within_s: float, request: dict[str, Any]) -> Exchange:
        waiting_for(within_s)
        self._answer, self._over = asyncio.get_running_loop().create_future(), False
        self._reading = asyncio.create_task(self._read(path, request))
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.shield(self._answer)
        except TimeoutError:
            await self.close()
            return Exchange(trouble=f"no answer within {within_s:.1f} s")

    async def events(self) -> AsyncIterator[Event]:
        """All events from the first, as they come, until the connection ends.

        Raises httpx.HTTPError when it broke.
        """
        seen = 0
        while True:
            while seen < len(self._events):
                yield self._events[seen]
                seen += 1
            if self._over:
                break
            self._news.clear()
            await self._news.wait()
        if self._trouble is not None:
            raise self._trouble

    async def close(self) -> None:
        """Drop the connection, as a closed tab does."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        self._end(None)
        await self._vantage.close()

    async def _read(self, path: str, request: dict[str, Any]) -> None:
        try:
            async with answering(self._vantage, "POST", path, timeout=None, **request) as response:
                await self._take(response)
        except (httpx.HTTPError, httpx.InvalidURL, UsageError) as error:
            self._refuse(error)
            self._end(error if isinstance(error, httpx.HTTPError) else None)
        else:
            self._end(None)

    async def _take(self, response: httpx.Response) -> None:
        headers = dict(response.headers)
        if not response.is_success or _EVENT_STREAM not in headers.get("content-type", ""):
            self._tell(await read_whole(response))
            return
        self._tell(Exchange(status=response.status_code, headers=headers))
        async for event in parse_frames(pieces(response), self._now_s):
            self._events.append(event)
            self._news.set()

    def _tell(self, answer: Exchange) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)

    def _refuse(self, error: httpx.HTTPError | httpx.InvalidURL | UsageError) -> None:
        if self._answer.done():
            return
        if isinstance(error, httpx.ConnectError):
            self._answer.set_exception(unreachable(self._vantage.url, error))
        elif isinstance(error, UsageError):
            self._answer.set_exception(error)
        else:
            said = lost_words(error) if isinstance(error, httpx.HTTPError) else str(error)
            self._answer.set_result(Exchange(trouble=f"connection lost: {said}"))

    def _end(self, trouble: httpx.HTTPError | None) -> None:
        if not self._over:
            self._over, self._trouble = True, trouble
        self._news.set()


def is_stream(answer: Exchange) -> bool:
    """Whether the answer is the beginning of an event stream."""
    return answer.ok and _EVENT_STREAM in answer.headers.get("content-type", "")


def reply_of(answer: Exchange) -> Reply:
    """The answer to a request, as the suites understand replies."""
    said = answer.fields.get("message") or answer.fields.get("error")
    reply = answer.as_reply()
    return replace(reply, detail=" ".join(str(said).split())[:200]) if said else reply
