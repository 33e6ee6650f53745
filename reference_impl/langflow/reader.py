"""Reading a job as a stream: everything from the start, as it comes, until it is over.

Any number of readers on any workers are independent of each other. A stream never just stops: its
last record is terminal, and when the store cannot give one, the reader says so itself. Only a
worker that is about to go breaks the connection off: the job may well live on elsewhere, and its
reader shall ask there.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from reference_impl.core.events import EndReason, Event, failed_closing
from reference_impl.core.rules import ReaderEnd, grace_left_s, reader_end
from reference_impl.langflow.attention import Attention
from reference_impl.langflow.lifecycle import Lifecycle
from reference_impl.store.base import Entry, Store, StoreUnavailable, View

READ_LIMIT = 100
SLICE_S = 1.0


class Ended(Exception):
    """This reading ends with an error, though the job itself may go on."""

    def __init__(self, reason: EndReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class WorkerGoes(Exception):
    """This worker can read no further; nothing is known of how the job will end."""


def judge(view: View | None, *, after: int) -> ReaderEnd:
    """What a view says to somebody who has read up to ``after``."""
    if view is None:
        return ReaderEnd.LOST
    if view.entries:
        whole = view.entries[0].position == after + 1
        ends = view.entries[-1].event.is_terminal
        return ReaderEnd.WAIT if whole or ends else ReaderEnd.LOST
    record = view.record
    return reader_end(
        exists=True,
        is_over=record.state.is_over,
        written=record.written,
        read=after,
        kept=view.kept,
    )


class StreamReader:
    """Reads jobs to their ends on behalf of streaming clients."""

    def __init__(
        self,
        *,
        store: Store,
        attention: Attention,
        lifecycle: Lifecycle,
        grace_s: float,
        patience_s: float,
    ) -> None:
        self.store = store
        self.attention = attention
        self.lifecycle = lifecycle
        self.grace_s = grace_s
        self.patience_s = patience_s

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Yield every event of the job from the first on; the last one is terminal."""
        try:
            with self.attention.watch(job_id):
                async for entry in self.entries(job_id):
                    yield entry.event
        except Ended as ended:
            for event in failed_closing(job_id, ended.reason).events:
                yield event

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Yield entries up to the terminal one, or raise :class:`Ended`."""
        after, arrived = 0, time.monotonic()
        while True:
            for entry in await self.more(job_id, after=after, arrived=arrived):
                yield entry
                after = entry.position
                if entry.event.is_terminal:
                    return

    async def more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        """The next entries, perhaps none yet; rides out an outage up to the patience."""
        failing_since: float | None = None
        while True:
            asked = time.monotonic()
            try:
                return await self._more(job_id, after=after, arrived=arrived)
            except StoreUnavailable as error:
                failing_since = asked if failing_since is None else failing_since
                self.check_patience(failing_since, error)

    def check_patience(self, failing_since: float, error: StoreUnavailable) -> None:
        """Raise :class:`Ended` when the store has been away for too long."""
        if time.monotonic() - failing_since > self.patience_s:
            raise Ended(EndReason.OUTAGE) from error
        self.check_worker()

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        view = await self.store.read(job_id, after=after, limit=READ_LIMIT)
        found = judge(view, after=after)
        # Over, and no end behind what was read: the stream that was read is another one.
        if view is None or found in (ReaderEnd.LOST, ReaderEnd.OVER):
            raise Ended(EndReason.DATA_LOST)
        if view.entries:
            return view.entries
        within_s = SLICE_S
        if found is ReaderEnd.NOT_STARTED:
            within_s = min(SLICE_S, self.check_grace(arrived))
        self.check_worker()
        if view.ownerless:
            await self.store.lose(job_id, failed_closing(job_id, EndReason.OWNER_DIED))
        return await self.store.follow(job_id, after=after, within_s=within_s, limit=READ_LIMIT)

    def check_grace(self, arrived: float) -> float:
        """How long this reader may still wait for a first event; :class:`Ended` if no longer."""
        now = time.monotonic()
        left_s = grace_left_s(grace_s=self.grace_s, waiting_since_s=arrived, now_s=now)
        if left_s <= 0:
            raise Ended(EndReason.STARTUP_GRACE)
        return left_s

    def check_worker(self) -> None:
        """Raise :class:`WorkerGoes` when this worker's drain is over."""
        if self.lifecycle.cutting.is_set():
            raise WorkerGoes
