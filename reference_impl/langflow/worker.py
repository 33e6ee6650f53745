"""A worker's life: begin its duties, serve, drain, leave."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any

from reference_impl.common.tasks import end_all
from reference_impl.core.events import EndReason
from reference_impl.langflow import patrol, reaper
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.periodic import every
from reference_impl.langflow.replicas import ReplicaWatch
from reference_impl.store.keeper import Keeper, Kept

TICK_S = 0.02
LAST_WORDS_S = 3.0
SUBSCRIBED_WITHIN_S = 2.0


class Worker:
    """Runs an assembly's duties beside the web application."""

    def __init__(self, assembly: Assembly, *, replica: ReplicaWatch | None = None) -> None:
        self.assembly = assembly
        self.replica = replica
        self._keeper: Keeper | None = None
        self._duties: list[asyncio.Task[None]] = []
        self._cut: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take a lease, then begin."""
        parts, loop = self.assembly, asyncio.get_running_loop()

        def on_kept(kept: Kept) -> None:
            loop.call_soon_threadsafe(parts.caretaker.kept, kept)

        self._keeper = parts.make_keeper(on_kept)
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.start)
        self._duties = [asyncio.create_task(duty) for duty in self.duties()]
        dispatcher = parts.dispatcher
        if dispatcher is not None:
            await until(lambda: dispatcher.running, within_s=SUBSCRIBED_WITHIN_S)

    def duties(self) -> list[Coroutine[Any, Any, None]]:
        """What is done all the time."""
        parts = self.assembly
        duties: list[Coroutine[Any, Any, None]] = [
            every(parts.settings.watchdog_interval_s, parts.watchdog.scan)
        ]
        if parts.redis_store is not None:
            duties.append(every(reaper.PERIOD_S, parts.reaper.reap))
        if parts.patrol is not None:
            duties.append(every(patrol.PERIOD_S, parts.patrol.check_all))
        if parts.dispatcher is not None:
            duties.append(parts.dispatcher.run())
        if self.replica is not None:
            duties.append(self.replica.run(parts.database))
        return duties

    def begin_stop(self) -> None:
        """No new connections come from now on; jobs may drain, then everything is cut."""
        if self._cut is None:
            self.assembly.lifecycle.stopping.set()
            self._cut = asyncio.create_task(self._cut_after_drain())

    async def stop(self) -> None:
        """Wait for the drain, end what is left, and leave without a trace."""
        self.begin_stop()
        assert self._cut is not None
        desk, cut = self.assembly.desk, self._cut
        await until(lambda: not desk.active_jobs or cut.done(), within_s=math.inf)
        cut.cancel()
        await end_all(self._duties)
        await self.assembly.background.stop()
        if self._keeper is not None:
            leave = not self.assembly.desk.active_jobs
            await asyncio.to_thread(self._keeper.stop, leave=leave)
        await self.assembly.store.close()
        await self.assembly.database.close()

    async def _cut_after_drain(self) -> None:
        parts = self.assembly
        drained_s = parts.settings.drain_s
        await until(lambda: parts.desk.active_jobs + parts.readers.now == 0, within_s=drained_s)
        for job in list(parts.desk.jobs.values()):
            parts.background.spawn(self._fail(job.id))
        # Readers here may be told the last words of workers that stop at the same time.
        await until(lambda: parts.desk.active_jobs + parts.readers.now == 0, within_s=LAST_WORDS_S)
        parts.lifecycle.cutting.set()

    async def _fail(self, job_id: str) -> None:
        job = self.assembly.desk.owned(job_id)
        if job is not None:
            await self.assembly.desk.fail(job, reason=EndReason.SHUTDOWN)


async def until(condition: Callable[[], bool], *, within_s: float) -> None:
    """Return when the condition holds or time is up."""
    deadline = time.monotonic() + within_s
    # The conditions span several objects; none of them has one event to wait for.
    while not condition() and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(TICK_S)
