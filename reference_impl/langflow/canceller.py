"""Cancels builds for clients, wherever the build runs, and answers after the effect.

Langflow 1.10 "Deploy Langflow with multiple workers", Verify cross-worker cancellation, and
Configuration reference (``LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED``).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from reference_impl.core.events import EndReason
from reference_impl.core.states import JobState
from reference_impl.langflow.background import Background
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.poller import JobNotFound
from reference_impl.store.base import Record, Sent, Store, StoreUnavailable

CANCELLED_TEXT = "Flow build cancelled successfully"
FINISHED_TEXT = "Flow build has already finished; nothing was left to cancel"
ELSEWHERE_TEXT = (
    "Flow build runs on another worker and the cancel channel between workers is disabled"
)
WAIT_SLICE_S = 0.5


@dataclass(frozen=True)
class CancelAnswer:
    """What the client is told."""

    success: bool
    message: str


class NotConfirmed(Exception):
    """The signal is out, but the job has not ended within the answer timeout."""


class Canceller:
    """Sends signals and waits for their effect."""

    def __init__(
        self,
        *,
        store: Store,
        desk: BuildDesk,
        stats: CancelStats,
        background: Background,
        crosses_workers: bool,
        answer_timeout_s: float,
        patience_s: float,
    ) -> None:
        self.store = store
        self.desk = desk
        self.stats = stats
        self.background = background
        self.crosses_workers = crosses_workers
        self.answer_timeout_s = answer_timeout_s
        self.patience_s = patience_s

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel, and answer when the job is over."""
        if record.state.is_over:
            return self.told(record.state)
        if not await self.signal(record, reason=EndReason.USER.value):
            return CancelAnswer(False, ELSEWHERE_TEXT)
        return self.told(await self.outcome(record))

    def told(self, state: JobState) -> CancelAnswer:
        """The answer for a job that is over."""
        return CancelAnswer(True, CANCELLED_TEXT if state is JobState.CANCELLED else FINISHED_TEXT)

    async def signal(self, record: Record, *, reason: str) -> bool:
        """Reach the owner; False when that would cross workers and must not."""
        if self.crosses_workers:
            await self.publish(record, reason=reason)
            return True
        job = self.desk.owned(record.job_id)
        if job is not None:
            await self.desk.cancel(job, reason=reason)
        return record.worker_id == self.desk.worker_id

    async def publish(self, record: Record, *, reason: str) -> None:
        """Leave the marker and tell all workers; the owner may be this one."""
        try:
            sent = await self.store.signal_cancel(record, reason=reason)
        except StoreUnavailable:
            self.stats.publish_errors += 1
            raise
        if sent is Sent.SENT:
            self.stats.published += 1

    async def outcome(self, record: Record) -> JobState:
        """Wait until the job is over and say how; :class:`NotConfirmed` when time is up."""
        deadline = time.monotonic() + self.answer_timeout_s
        try:
            async with asyncio.timeout(self.answer_timeout_s):
                while True:
                    now = await self.store.record(record.job_id)
                    if now is None:
                        raise JobNotFound(record.job_id)
                    if now.state.is_over:
                        return now.state
                    await self._news(now, deadline)
        except TimeoutError:
            raise NotConfirmed(record.job_id) from None

    async def _news(self, record: Record, deadline: float) -> None:
        left_s = max(0.001, min(WAIT_SLICE_S, deadline - time.monotonic()))
        await self.store.follow(record.job_id, after=record.written, within_s=left_s, limit=1)

    def client_left(self, record: Record) -> None:
        """A streaming client is gone: its build is cancelled, and nobody waits for that."""
        self.background.spawn(self._cancel_left(record))

    async def _cancel_left(self, record: Record) -> None:
        give_up = time.monotonic() + self.patience_s
        while True:
            try:
                await self.signal(record, reason=EndReason.DISCONNECT.value)
                return
            except StoreUnavailable:
                if time.monotonic() > give_up:
                    return
                await asyncio.sleep(WAIT_SLICE_S)
