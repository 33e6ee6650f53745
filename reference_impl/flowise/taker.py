"""Takes jobs from the queue, never more than the worker's concurrency, for ever.

BullMQ's Python worker fills every free slot with a fetch of its own: at the documented default of
10,000 each job would cost thousands of calls. So jobs are taken by its manual way, one fetch at a
time, with its lock manager renewing what is held.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Iterable
from typing import Any

import redis.asyncio as aredis
from bullmq import Worker as BullWorker
from bullmq.job import Job

from reference_impl.core.predictions import Reason
from reference_impl.flowise.database import DatabaseError
from reference_impl.flowise.job_runner import JobRunner
from reference_impl.flowise.settings import Settings

BLOCK_S = 1
RETRY_S = 0.2
LOG = logging.getLogger("flowise.worker")


class Taker:
    """One fetch after another, each job a task."""

    def __init__(self, settings: Settings, client: aredis.Redis, runner: JobRunner) -> None:
        self._settings = settings
        self._runner = runner
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._stopping = False
        self._ended = asyncio.Event()
        self.bull = BullWorker(settings.prediction_queue, None, self._options(client))
        self.bull.on("error", lambda error, *_: LOG.warning("queue: %s", type(error).__name__))
        self.bull.on("lockRenewalFailed", self._lost)
        self.took_s: float | None = None

    @property
    def is_full(self) -> bool:
        """Whether it takes nothing because it has enough."""
        return self.active >= self._settings.concurrency

    @property
    def active(self) -> int:
        """How many jobs it holds."""
        return len(self._tasks)

    async def run(self) -> None:
        """Take jobs until told to stop."""
        self.bull.lockManager.start()
        while not self._stopping:
            await self._slots.acquire()
            job = None if self._stopping else await self._next()
            if job is None:
                self._slots.release()
            else:
                self._begin(job)
        self._ended.set()

    async def stop(self, *, drain_s: float) -> None:
        """Take no more; let what runs end, and stop what does not end in time."""
        self._stopping = True
        if not await self._all_ended(within_s=drain_s):
            self._runner.runs.stop_all(Reason.SHUTDOWN)
            await self._all_ended(within_s=self._settings.answer_timeout_s)
        await self.bull.lockManager.close()

    async def _all_ended(self, *, within_s: float) -> bool:
        """Whether the fetch under way and every job ended in time."""
        try:
            async with asyncio.timeout(within_s):
                await self._ended.wait()
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            return False
        return True

    async def _next(self) -> Job | None:
        token = f"{self._runner.worker_id}:{next(self._numbers)}"
        try:
            job: Job | None = await self.bull.getNextJob(token)
        except Exception as error:  # noqa: BLE001 - an outage of any kind must not end the taking
            LOG.warning("no job taken: %s", type(error).__name__)
            await asyncio.sleep(RETRY_S)
            return None
        self.took_s = time.monotonic()
        return job

    def _begin(self, job: Job) -> None:
        token = str(job.token)
        for option in ("removeOnComplete", "removeOnFail"):
            job.opts.setdefault(option, self._settings.keep_jobs)
        self.bull.lockManager.track_job(str(job.id), token, int(time.time() * 1000))
        task = asyncio.create_task(self._run(job, token))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _run(self, job: Job, token: str) -> None:
        try:
            await self._runner.run(job, token)
        except (DatabaseError, OSError, TimeoutError) as error:
            # Nothing can be written down: the lock runs out and another worker settles the job.
            LOG.warning("job %s left behind: %s", job.id, type(error).__name__)
        finally:
            self.bull.lockManager.untrack_job(str(job.id))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "job failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)

    def _lost(self, job_ids: Iterable[str]) -> None:
        for job_id in job_ids:
            self._runner.runs.stop(str(job_id), Reason.WORKER_DIED)

    def _options(self, client: aredis.Redis) -> Any:
        hold = self._settings.hold
        return {
            "connection": client,
            "autorun": False,
            "skipVersionCheck": True,
            "drainDelay": BLOCK_S,
            "lockDuration": int(hold.lock_s * 1000),
            "lockRenewTime": int(hold.renew_window_s * 1000),
            "maxStalledCount": 0,
        }
