"""Hears cancel signals and carries out those for jobs of this worker.

Langflow 1.10 "Deploy Langflow with multiple workers", Response body
(``cancel_dispatcher_running``): it reconnects by itself with exponential backoff capped at 30 s.
It counts as running only between a confirmed subscription and the first sign of its loss.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from reference_impl.core.rules import backoff_s
from reference_impl.langflow.background import Background
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.store.messages import CancelMessage
from reference_impl.store.redis_pubsub import Subscription, SubscriptionLost


class CancelDispatcher:
    """One a worker; ``run`` never returns."""

    def __init__(
        self,
        *,
        subscribe: Callable[[], Subscription],
        desk: BuildDesk,
        patrol: MarkerPatrol,
        stats: CancelStats,
        background: Background,
    ) -> None:
        self.subscribe = subscribe
        self.desk = desk
        self.patrol = patrol
        self.stats = stats
        self.background = background
        self.running = False
        self._was_connected = False
        self._waits = self.backoff()

    def backoff(self) -> Iterator[float]:
        """The waits between attempts to reconnect."""
        return backoff_s()

    async def run(self) -> None:
        """Listen, and come back after every loss."""
        while True:
            try:
                await self.listen()
            except SubscriptionLost:
                pass
            except Exception:  # noqa: BLE001 - whatever it was, the next signal must be heard
                self.stats.dispatcher_internal_errors += 1
            finally:
                self.running = False
            await asyncio.sleep(next(self._waits))

    async def listen(self) -> None:
        """Subscribe and dispatch until the subscription is lost."""
        subscription = self.subscribe()
        try:
            await subscription.open()
            self.connected()
            async for text in subscription.messages():
                self.handle(text)
        finally:
            self.running = False
            await subscription.close()

    def connected(self) -> None:
        """Signals are heard from now on; what was missed before has left a marker."""
        if self._was_connected:
            self.stats.dispatcher_reconnects += 1
        self._was_connected = True
        self._waits = self.backoff()
        self.running = True
        self.background.spawn(self.patrol.check_missed())

    def handle(self, text: str) -> None:
        """Dispatch one message; a bad one is counted, and the next one is heard."""
        try:
            self.dispatch(CancelMessage.decode(text))
        except Exception:  # noqa: BLE001 - as above
            self.stats.dispatcher_internal_errors += 1

    def dispatch(self, message: CancelMessage) -> None:
        """Carry out a signal for a job of this worker; count one for another's."""
        if message.owner != self.desk.worker_id:
            self.stats.dispatched_foreign += 1
            return
        self.stats.dispatched_owned += 1
        job = self.desk.owned(message.job_id)
        if job is not None and not job.stopping:
            self.background.spawn(self._cancel(message))

    async def _cancel(self, message: CancelMessage) -> None:
        job = self.desk.owned(message.job_id)
        if job is not None:
            await self.desk.cancel(job, reason=message.reason)
