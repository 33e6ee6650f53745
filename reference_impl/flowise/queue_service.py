"""Queue mode: the main server gives predictions to workers and runs none itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any

import redis.asyncio as aredis

from reference_impl.common.tasks import end_all
from reference_impl.core.predictions import Reason, Signal, State, still_hears
from reference_impl.flowise.caretaker import Caretaker
from reference_impl.flowise.database import Database
from reference_impl.flowise.desk import Desk, Ticket
from reference_impl.flowise.execution import CANCELLED, Work
from reference_impl.flowise.hearing import Hearing
from reference_impl.flowise.listener import Listener
from reference_impl.flowise.live_reader import LiveReader
from reference_impl.flowise.queue import PredictionQueue
from reference_impl.flowise.redis_link import REDIS_ERRORS
from reference_impl.flowise.secret_key import SecretKey
from reference_impl.flowise.service import NotConfirmed, QueueUnavailable
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.tables import Prediction

# Silence for this long on a connection that is asked every second: nobody hears there.
DEAF_AFTER_S = 3.0
SECOND_LOOK_S = 0.3
ABORTED_WITHIN_S = 5.0
LOOK_EVERY_S = 0.02
# An answer waits for this long at most while jobs come and go.
GATHER_S = 0.002
LOG = logging.getLogger("flowise.queue")


class QueueService:
    """Predictions by way of the queue."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database,
        client: aredis.Redis,
        secret: SecretKey,
    ) -> None:
        self.settings = settings
        self.database = database
        self.client = client
        self.secret = secret
        self.queue = PredictionQueue(settings, client)
        self.desk = Desk(database, wait_s=settings.wait_s)
        self.listener = Listener(client, self.queue.keys)
        self.caretaker = Caretaker(self.queue, self.desk, fingerprint=secret.fingerprint)
        hear = {"completed": self._finished, "failed": self._finished, "stalled": self._stalled}
        self.hearing = Hearing(settings, hear, gather_s=GATHER_S, after_gap=self.desk.news)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen, look and tidy."""
        parts = (self.hearing, self.listener, self.desk, self.caretaker)
        self._tasks = [asyncio.create_task(part.run()) for part in parts]

    async def stop(self) -> None:
        """Stop all of it."""
        await end_all(self._tasks)
        with contextlib.suppress(*REDIS_ERRORS):
            await self.client.delete(self.queue.keys.secret)
        await self.client.connection_pool.disconnect()

    async def problem(self) -> str | None:
        """The first of the server's connections that does not answer, at a second look too.

        A process that was itself held up for a while has answers waiting that it has not read.
        """
        if self._silent() is None:
            return None
        await asyncio.sleep(SECOND_LOOK_S)
        return self._silent()

    def _silent(self) -> str | None:
        ears = {
            "the server does not hear of completed jobs": self.hearing.heard_s,
            "the server does not hear live events": self.listener.heard_s,
            "the server does not reach the queue": self.caretaker.reached_s,
        }
        for problem, last_s in ears.items():
            if not still_hears(last_s=last_s, now_s=time.monotonic(), bound_s=DEAF_AFTER_S):
                return f"{problem}: Redis does not answer"
        return None

    async def submit(self, work: Work) -> Ticket:
        """Write the prediction down, then add its job; a job that may not be there never runs."""
        await self._require_queue()
        await self.database.add_prediction(
            prediction_id=work.id,
            flow_id=work.flow_id,
            chat_id=work.chat_id,
            question=work.question,
        )
        ticket = self.desk.open(work.id)
        self.listener.begins(work.id, work.chat_id)
        try:
            async with asyncio.timeout(self.settings.answer_timeout_s):
                await self.queue.add(work.id, self._job_data(work))
        except REDIS_ERRORS as error:
            # The job may have arrived although its answer did not. The row settles it: a worker
            # that finds the row over does not run the job.
            if await self.desk.fail(work.id, Reason.NOT_QUEUED, only_from=State.WAITING):
                self.desk.close(ticket)
                raise QueueUnavailable from error
        ticket.queued = True
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """The job goes on; nobody waits."""
        self.desk.close(ticket)

    async def read(self, prediction_id: str, chat_id: str) -> LiveReader:
        """Subscribe; before the prediction is submitted, nothing has to be caught up."""
        return await self.listener.open(prediction_id, chat_id)

    async def end_reading(self, reader: LiveReader) -> None:
        """Unsubscribe."""
        await self.listener.close(reader)

    async def abort(self, flow_id: str, chat_id: str) -> list[Prediction]:
        """Take waiting jobs out of the queue, and have running ones stopped by their workers."""
        await self._require_queue()
        before = await self.database.ask_abort(flow_id, chat_id)
        still_open = [row.id for row in before if not row.state.is_over]
        if not still_open:
            return before
        try:
            for prediction_id in still_open:
                await self._abort_waiting(prediction_id)
            await self.queue.publish_abort(flow_id, chat_id)
        except REDIS_ERRORS as error:
            raise QueueUnavailable from error
        await self._until_over(still_open)
        return before

    async def _abort_waiting(self, prediction_id: str) -> None:
        columns = {"reason": Reason.USER, "error": CANCELLED}
        if await self.database.signal(
            prediction_id, Signal.ABORT, only_from=State.WAITING, **columns
        ):
            self.desk.news(prediction_id)
            await self.queue.remove(prediction_id)

    async def _until_over(self, ids: list[str]) -> None:
        try:
            async with asyncio.timeout(ABORTED_WITHIN_S):
                while not await self._all_over(ids):  # noqa: ASYNC110 - others' processes end it
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise NotConfirmed from None
        for prediction_id in ids:
            self.desk.news(prediction_id)

    async def _all_over(self, ids: list[str]) -> bool:
        rows = await self.database.predictions_among(ids)
        return all(row.state.is_over for row in rows)

    async def _require_queue(self) -> None:
        if (problem := await self.problem()) is not None:
            raise QueueUnavailable(problem)

    def _job_data(self, work: Work) -> dict[str, Any]:
        return {
            "incomingInput": {"question": work.question, "chatId": work.chat_id},
            "chatflow": {"id": work.flow_id, "type": "AGENTFLOW", "flowData": work.flow_data},
            "chatId": work.chat_id,
            "isInternal": False,
            "signature": self.secret.sign(work.id),
        }

    def _finished(self, fields: Mapping[str, Any]) -> None:
        self.desk.news(str(fields.get("jobId")))

    def _stalled(self, fields: Mapping[str, Any]) -> None:
        self.caretaker.stalled(str(fields.get("jobId")))
