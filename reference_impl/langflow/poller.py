"""Reading a job by polls: one shared cursor, so that any mix of workers delivers everything once.

The cursor moves before the answer is sent, and the take stays open until it is settled: confirmed
once the answer is sent, or given back when nobody was there to get it. Meanwhile no other poll can
take, so that an outage between the two neither loses nor repeats an event. A client that lost an
answer can also say where it stands (``after``), which moves nothing.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from reference_impl.core.events import EndReason, Event, failed_closing
from reference_impl.core.rules import ReaderEnd, grace_left_s
from reference_impl.core.states import JobState
from reference_impl.langflow.attention import Attention
from reference_impl.langflow.lifecycle import Lifecycle
from reference_impl.langflow.reader import SLICE_S, judge
from reference_impl.store.base import CursorBusy, Store, StoreUnavailable, View

BUSY_TICK_S = 0.01
SETTLE_RETRY_S = 0.1
SETTLE_FOR_S = 60.0


class JobNotFound(Exception):
    """No such job, or not this user's."""


@dataclass(frozen=True)
class PollAnswer:
    """Events for the client, where that leaves it, and whether they were taken for it."""

    events: tuple[Event, ...]
    cursor: int
    state: JobState
    taken: bool = False


class Poller:
    """Answers polls: at once if there is anything to say, else held for a bounded time."""

    def __init__(
        self,
        *,
        store: Store,
        attention: Attention,
        lifecycle: Lifecycle,
        grace_s: float,
        hold_s: float,
        settle_s: float,
    ) -> None:
        self.store = store
        self.attention = attention
        self.lifecycle = lifecycle
        self.grace_s = grace_s
        self.hold_s = hold_s
        self.settle_s = settle_s

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """The answer to one poll; None when the client is gone and nothing was taken.

        ``token`` is new for every poll. Whatever this returns or raises, events may have been taken
        with it, and the take must be settled.
        """
        with self.attention.watch(job_id):
            return await self._poll(job_id, token=token, after=after, gone=gone)

    async def _poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        arrived, known = time.monotonic(), False
        while not gone.done():
            try:
                view = await self.look(job_id, after=after, token=token)
            except CursorBusy:
                self.check_busy(arrived)
                await asyncio.sleep(BUSY_TICK_S)
                continue
            if view is None and not known:
                raise JobNotFound(job_id)
            known = True
            answer = await self.answer(job_id, view, arrived=arrived)
            if answer is not None:
                return answer
            assert view is not None
            await self.wait(job_id, view, arrived=arrived, gone=gone)
        return None

    async def look(self, job_id: str, *, after: int | None, token: str) -> View | None:
        """Take what is new by the shared cursor, or read behind the client's own."""
        if after is None:
            return await self.store.take(job_id, token=token)
        return await self.store.read(job_id, after=after)

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """What to tell the client now; None if there is nothing yet and time is left."""
        after = 0 if view is None else view.after
        found = judge(view, after=after)
        if view is None or found is ReaderEnd.LOST:
            return failed_answer(job_id, after, EndReason.DATA_LOST)
        if view.entries:
            return taken_answer(view)
        if found is ReaderEnd.OVER:
            return await self.ending_again(job_id, view)
        if found is ReaderEnd.NOT_STARTED and self.grace_left_s(view, arrived) <= 0:
            return failed_answer(job_id, after, EndReason.STARTUP_GRACE)
        if self.lifecycle.stopping.is_set() or time.monotonic() - arrived >= self.hold_s:
            return PollAnswer((), after, view.record.state)
        return None

    async def ending_again(self, job_id: str, view: View) -> PollAnswer:
        """How the job ended, once more and whole, for a client that may have missed it."""
        ending = await self.store.ending(job_id)
        if not ending:
            return failed_answer(job_id, view.after, EndReason.DATA_LOST)
        return PollAnswer(tuple(entry.event for entry in ending), view.after, view.record.state)

    async def wait(
        self, job_id: str, view: View, *, arrived: float, gone: asyncio.Task[None]
    ) -> None:
        """Wait for something new, the end of a slice, or the client's leaving."""
        within_s = min(SLICE_S, max(0.001, arrived + self.hold_s - time.monotonic()))
        if view.record.written == 0:
            within_s = min(within_s, max(0.001, self.grace_left_s(view, arrived)))
        if view.ownerless:
            await self.store.lose(job_id, failed_closing(job_id, EndReason.OWNER_DIED))
        news = asyncio.create_task(
            self.store.follow(job_id, after=view.after, within_s=within_s, limit=1)
        )
        try:
            await asyncio.wait({news, gone}, return_when=asyncio.FIRST_COMPLETED)
            if news.done():
                news.result()
        finally:
            if not news.done():
                news.cancel()

    def grace_left_s(self, view: View, arrived: float) -> float:
        """What is left of the grace; successive polls are one reader that goes on waiting."""
        now = time.monotonic()
        since = min(arrived, now - view.starved_s)
        return grace_left_s(grace_s=self.grace_s, waiting_since_s=since, now_s=now)

    def check_busy(self, arrived: float) -> None:
        """Another poll's delivery is in doubt: wait for it, but not for ever."""
        if time.monotonic() - arrived > self.hold_s + self.settle_s:
            raise StoreUnavailable("the cursor is held by another poll")

    async def settle(self, job_id: str, token: str, *, delivered: bool) -> None:
        """Say what became of a take; insisted on while the store is away."""
        settle = self.store.confirm if delivered else self.store.give_back
        deadline = time.monotonic() + SETTLE_FOR_S
        while time.monotonic() < deadline:
            try:
                await settle(job_id, token=token)
                return
            except StoreUnavailable:
                await asyncio.sleep(SETTLE_RETRY_S)


def taken_answer(view: View) -> PollAnswer:
    """Deliver the events of a view."""
    events = tuple(entry.event for entry in view.entries)
    return PollAnswer(events, view.entries[-1].position, view.record.state, taken=True)


def failed_answer(job_id: str, after: int, reason: EndReason) -> PollAnswer:
    """Tell the client that its reading ends here, and why."""
    return PollAnswer(failed_closing(job_id, reason).events, after, JobState.FAILED)
