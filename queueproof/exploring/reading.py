"""A stream that is read in the background while its schedule goes on."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import httpx

from queueproof.errors import QueueproofError
from queueproof.exploring.record import StreamEnd, StreamSeen
from queueproof.targets.job import Job
from queueproof.targets.open_stream import StreamUnanswered
from queueproof.targets.worker import Worker

_SILENCE_S = 300.0


class Reader:
    """Reads one stream until its end or until its reader leaves; keeps what it saw."""

    def __init__(self, seen: StreamSeen, job: Job, via: Worker) -> None:
        self.seen = seen
        self._job = job
        self._via = via
        self._answered = asyncio.Event()
        self._task = asyncio.create_task(self._read())

    async def answered(self, *, within_s: float) -> None:
        """Wait until the target has begun to answer, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._answered.wait()

    async def ended(self, *, within_s: float) -> bool:
        """Whether the stream has ended, after waiting for that at most so long."""
        await asyncio.wait({self._task}, timeout=within_s)
        return self._task.done()

    async def drop(self, *, tidying: bool = False) -> None:
        """Close the connection, as a closed tab does."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})
            if not tidying:
                self.seen.end = StreamEnd.DROPPED
                self._close()
        with suppress(asyncio.CancelledError, QueueproofError):
            self._task.result()

    async def _read(self) -> None:
        try:
            await self._follow()
        except StreamUnanswered as silence:
            self._end(StreamEnd.UNANSWERED, str(silence))
        except (httpx.HTTPError, TimeoutError) as trouble:
            lost = self.seen.answered_s is None
            self._end(StreamEnd.LOST if lost else StreamEnd.BROKEN, type(trouble).__name__)
        except QueueproofError as trouble:
            self._end(StreamEnd.LOST, str(trouble))
        finally:
            self._answered.set()

    async def _follow(self) -> None:
        seen = self.seen
        async with self._job.system.stream(self._job, via=self._via) as stream:
            seen.answered_s = self._job.system.history.now_s()
            seen.status = stream.reply.status
            self._answered.set()
            if stream.reply.status != 200:
                return self._end(StreamEnd.REFUSED, stream.reply.words)
            while (event := await stream.next_event(within_s=_SILENCE_S)) is not None:
                seen.events.append(event)
            return self._end(StreamEnd.ENDED)

    def _end(self, how: StreamEnd, detail: str = "") -> None:
        self.seen.end, self.seen.detail = how, detail
        self._close()

    def _close(self) -> None:
        self.seen.closed_s = self._job.system.history.now_s()
