"""Runs one job a worker was handed: judge its row, run it or not, settle it in the queue.

The row is written first and the queue second. Whoever finds the job again after a death in
between finds the row over, and settles the job by the row.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aredis
from bullmq.job import Job

from reference_impl.core.predictions import Pickup, Reason, Signal, State, pickup
from reference_impl.flowise.database import Database, NameTaken
from reference_impl.flowise.execution import Fetch, Work
from reference_impl.flowise.job import MalformedJob, read_job
from reference_impl.flowise.keys import Keys
from reference_impl.flowise.live_writer import Hold, LiveWriter
from reference_impl.flowise.performer import Run, Runs, failed
from reference_impl.flowise.redis_link import REDIS_ERRORS
from reference_impl.flowise.secret_key import SecretKey
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.tables import Prediction

RETRY_S = 0.1
LOG = logging.getLogger("flowise.worker")


class NotDone(Exception):
    """What the queue is told of a prediction that has no result."""


@dataclass
class JobRunner:
    """The parts every job needs."""

    settings: Settings
    database: Database
    client: aredis.Redis
    secret: SecretKey
    worker_id: str
    fetch: Fetch
    runs: Runs

    async def run(self, job: Job, token: str) -> None:
        """Run a job and settle it."""
        try:
            work = read_job(str(job.id), job.data)
        except MalformedJob as error:
            await self._settle(job, token, error=str(error))
            return
        row = await self._row(work)
        row = await self._judged(job, work, row, token=token)
        await self._settle(job, token, result=row.result, error=row.error)

    async def _row(self, work: Work) -> Prediction:
        """The job's row; a job that did not come through a main server gets one now."""
        row = await self.database.prediction(work.id)
        if row is None:
            with contextlib.suppress(NameTaken):
                await self.database.add_prediction(
                    prediction_id=work.id,
                    flow_id=work.flow_id,
                    chat_id=work.chat_id,
                    question=work.question,
                )
            row = await self.database.prediction(work.id)
        assert row is not None
        return row

    async def _judged(self, job: Job, work: Work, row: Prediction, *, token: str) -> Prediction:
        waited_s = time.time() - row.created_s
        match pickup(state=row.state, waited_s=waited_s, wait_s=self.settings.wait_s):
            case Pickup.RUN:
                await self._begin(job, work, row, token=token)
            case Pickup.TOO_LATE:
                await self._fail(work.id, Reason.NO_WORKER, only_from=State.WAITING)
            case Pickup.DECLARE_DEAD:
                await self._fail(work.id, Reason.WORKER_DIED, only_from=State.RUNNING)
            case Pickup.SETTLED:
                return row
        settled = await self.database.prediction(work.id)
        return settled or row

    async def _begin(self, job: Job, work: Work, row: Prediction, *, token: str) -> None:
        signature = job.data.get("signature")
        if signature is not None and not self.secret.signed(work.id, signature):
            await self._fail(work.id, Reason.WRONG_KEY, only_from=State.WAITING)
            return
        hold = Hold(work.id, work.chat_id, token)
        keys = Keys(self.settings.prediction_queue)
        writer = LiveWriter(self.client, keys, hold, patience_s=self.settings.outage_patience_s)
        run = Run(work, teller=writer, fetch=self.fetch)
        with self.runs.kept(run):
            if row.abort_asked:
                run.stop(Reason.USER)
            begun = await self.database.signal(
                work.id, Signal.START, only_from=State.WAITING, worker=self.worker_id
            )
            if begun:
                await run.perform(self.database)
        with contextlib.suppress(*REDIS_ERRORS):
            await writer.close()

    async def _fail(self, prediction_id: str, reason: Reason, *, only_from: State) -> None:
        ending = failed(reason)
        await self.database.signal(
            prediction_id,
            ending.signal,
            only_from=only_from,
            reason=ending.reason,
            error=ending.error,
        )

    async def _settle(
        self,
        job: Job,
        token: str,
        *,
        result: dict[str, Any] | None = None,
        error: str | None = None,
    ) -> None:
        """Tell the queue, through an outage if need be; a job held by another is left to it."""
        deadline_s = time.monotonic() + self.settings.outage_patience_s
        while True:
            try:
                if result is not None:
                    await job.moveToCompleted(result, token)
                else:
                    await job.moveToFailed(NotDone(error or "no result"), token)
            except REDIS_ERRORS as away:
                if time.monotonic() >= deadline_s:
                    return LOG.warning("job %s not settled: %s", job.id, type(away).__name__)
                await asyncio.sleep(RETRY_S)
            except TypeError as lost:
                # BullMQ's word for a job that is gone, or that somebody else holds by now.
                return LOG.warning("job %s not settled: %s", job.id, lost)
            else:
                return None
