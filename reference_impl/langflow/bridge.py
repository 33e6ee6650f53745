"""The bridge: from a job's local queue into its stream, exactly once and in order.

Langflow 1.10 "Deploy Langflow with multiple workers", Response body (``bridge_count``). A write
whose acknowledgement was lost is repeated as it was; the store skips what it already has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from reference_impl.core.events import Closing, EndReason, Event, failed_closing
from reference_impl.core.rules import backoff_s
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Store, StoreUnavailable, Written

BATCH_CHARACTERS = 1_000_000
BATCH_EVENTS = 500
RETRY_FIRST_S, RETRY_CAP_S = 0.05, 0.5


@dataclass(frozen=True)
class Batch:
    """Events written in one step, and the closing that ends the job with them."""

    events: tuple[Event, ...]
    closing: Closing | None


class Bridge:
    """Carries one job's events until its end is written or somebody else has ended it."""

    def __init__(
        self,
        *,
        store: Store,
        patience_s: float,
        last_words_s: float,
        halt: Callable[[Job], Awaitable[None]],
    ) -> None:
        self.store = store
        self.patience_s = patience_s
        self.last_words_s = last_words_s
        self.halt = halt

    async def run(self, job: Job) -> None:
        """Return when nothing remains to be written for this job, ever."""
        written = 0
        while True:
            batch = await self.gather(job)
            outcome = await self.write(job, first=written + 1, batch=batch)
            written += len(batch.events)
            if outcome is not Written.DONE:
                return await self.give_up(job, outcome, written=written)
            if batch.closing is not None:
                return None

    async def gather(self, job: Job) -> Batch:
        """Wait for one event and take what else is there, up to a size."""
        events: list[Event] = []
        size = 0
        item = await job.queue.get()
        while True:
            if isinstance(item, Closing):
                return Batch((*events, *item.events), item)
            events.append(item)
            size += len(item.body)
            full = size >= BATCH_CHARACTERS or len(events) >= BATCH_EVENTS
            if full or job.queue.empty():
                return Batch(tuple(events), None)
            item = job.queue.get_nowait()

    async def write(self, job: Job, *, first: int, batch: Batch) -> Written | None:
        """Write a batch, riding out an outage; None when patience ran out."""

        async def append() -> Written:
            return await self.store.append(
                job.reservation, first=first, events=batch.events, closing=batch.closing
            )

        return await self.insist(append, within_s=self.patience_s)

    async def insist(
        self, attempt: Callable[[], Awaitable[Written]], *, within_s: float
    ) -> Written | None:
        """Repeat until the store answers; None when it has not for ``within_s``."""
        waits = backoff_s(first_s=RETRY_FIRST_S, cap_s=RETRY_CAP_S)
        first_failure: float | None = None
        while True:
            asked = time.monotonic()
            try:
                return await attempt()
            except StoreUnavailable:
                first_failure = asked if first_failure is None else first_failure
            if time.monotonic() - first_failure > within_s:
                return None
            await asyncio.sleep(next(waits))

    async def give_up(self, job: Job, outcome: Written | None, *, written: int) -> None:
        """Stop the component; if the job is still ours to end, end it with an error.

        ``written`` counts the events that readers may have been given, be they lost since.
        """
        await self.halt(job)
        reason = {None: EndReason.OUTAGE, Written.TORN: EndReason.DATA_LOST}.get(outcome)
        if reason is None:
            return
        closing = failed_closing(job.id, reason)
        await self.insist(
            lambda: self.store.close_job(job.reservation, closing, written=written),
            within_s=self.last_words_s,
        )
