"""The worker: takes jobs, hears aborts, and knows whether it is of any use."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Mapping
from typing import Any

import redis.asyncio as aredis

from reference_impl.common.tasks import end_all
from reference_impl.core.predictions import Reason, still_hears
from reference_impl.flowise.database import Database, DatabaseError
from reference_impl.flowise.hearing import Hearing
from reference_impl.flowise.job_runner import JobRunner
from reference_impl.flowise.performer import Runs
from reference_impl.flowise.queue import PredictionQueue
from reference_impl.flowise.redis_link import REDIS_ERRORS
from reference_impl.flowise.secret_key import SecretKey, SecretKeyMismatch
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.taker import Taker
from reference_impl.flowise.witness import Witnesses

ROUND_EVERY_S = 0.5
IDLE_AFTER_S = 3.0
# An abort is heard this much later while jobs come and go.
GATHER_S = 0.02
LOG = logging.getLogger("flowise.worker")


class Worker:
    """The parts of one worker process."""

    def __init__(
        self, settings: Settings, *, database: Database, client: aredis.Redis, secret: SecretKey
    ) -> None:
        self.settings = settings
        self.database = database
        self.client = client
        self.secret = secret
        self.queue = PredictionQueue(settings, client)
        self.runs = Runs()
        self.witnesses = Witnesses()
        self.runner = JobRunner(
            settings=settings,
            database=database,
            client=client,
            secret=secret,
            worker_id=f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(3)}",
            fetch=self.witnesses.fetch,
            runs=self.runs,
        )
        self.taker = Taker(settings, client, self.runner)
        self.hearing = Hearing(settings, {"abort": self._abort}, gather_s=GATHER_S)
        self._tasks: list[asyncio.Task[None]] = []
        self._round_s: float | None = None
        self._paused = False
        self._stopping = False
        self._checked_s = 0.0

    async def start(self) -> None:
        """Begin to take jobs; raises :class:`SecretKeyMismatch`."""
        await self._round()
        parts = (self.taker.run(), self.hearing.run(), self._rounds())
        self._tasks = [asyncio.create_task(part) for part in parts]

    async def until_refused(self) -> None:
        """Return never, unless a main server with another secret key comes up: then raise."""
        # Whoever waits here may stop waiting; the rounds end with the worker.
        await asyncio.shield(self._tasks[-1])

    async def stop(self) -> None:
        """Take no more, let what runs end, then leave."""
        self._stopping = True
        await self.taker.stop(drain_s=self.settings.drain_s)
        await end_all(self._tasks)
        await self.witnesses.close()
        await self.client.connection_pool.disconnect()

    def problem(self) -> str | None:
        """Why this worker takes no jobs now, in one sentence; None if it does."""
        now_s = time.monotonic()
        if self._stopping:
            return "the worker is stopping"
        if not still_hears(last_s=self._round_s, now_s=now_s, bound_s=IDLE_AFTER_S):
            return "the worker does not reach Redis or the database"
        if self._paused:
            return "the queue is paused"
        took_s = self.taker.took_s
        if not self.taker.is_full and not still_hears(
            last_s=took_s, now_s=now_s, bound_s=IDLE_AFTER_S
        ):
            return "the worker takes no jobs"
        return None

    async def _rounds(self) -> None:
        while True:
            await asyncio.sleep(min(ROUND_EVERY_S, self.settings.hold.check_every_s))
            try:
                await self._round()
            except (*REDIS_ERRORS, DatabaseError) as error:
                LOG.warning("round not finished: %s", type(error).__name__)

    async def _round(self) -> None:
        fingerprint = await self.queue.fingerprint()
        if fingerprint is not None and fingerprint != self.secret.fingerprint:
            raise SecretKeyMismatch
        self._paused = await self.queue.is_paused()
        for row in await self.database.predictions_among(self.runs.ids):
            if row.abort_asked:
                self.runs.stop(row.id, Reason.USER)
            elif row.state.is_over:
                self.runs.stop(row.id, Reason.WORKER_DIED)
        await self.database.ping()
        self._round_s = time.monotonic()
        if self._round_s - self._checked_s >= self.settings.hold.check_every_s:
            self._checked_s = self._round_s
            await self.queue.release_stalled()

    def _abort(self, fields: Mapping[str, Any]) -> None:
        flow_id, _, chat_id = str(fields.get("id", "")).partition("_")
        self.runs.stop_chat(flow_id, chat_id)
