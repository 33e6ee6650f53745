"""What the main server looks after, every second: held jobs, lost jobs, and Redis' tidiness."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

from reference_impl.core.predictions import Reason, State
from reference_impl.flowise.database import DatabaseError
from reference_impl.flowise.desk import Desk, Ticket
from reference_impl.flowise.queue import PredictionQueue
from reference_impl.flowise.redis_link import REDIS_ERRORS

ROUND_EVERY_S = 1.0
# One look may fall between two writes of somebody else; two looks this far apart do not.
CONFIRM_S = 1.0
FIELDS = ("timestamp", "finishedOn", "returnvalue", "failedReason")
LOG = logging.getLogger("flowise.caretaker")


class Caretaker:
    """One round a second."""

    def __init__(self, queue: PredictionQueue, desk: Desk, *, fingerprint: str) -> None:
        self._queue = queue
        self._desk = desk
        self._fingerprint = fingerprint
        self._stalled: set[str] = set()
        self._checked_s = 0.0
        self.reached_s: float | None = None

    def stalled(self, job_id: str) -> None:
        """The queue said that nobody holds this job any more."""
        self._stalled.add(job_id)

    async def run(self) -> None:
        """Go round for ever; what fails is tried again next time."""
        while True:
            try:
                await self.round()
            except (*REDIS_ERRORS, DatabaseError) as error:
                LOG.warning("round not finished: %s", type(error).__name__)
            await asyncio.sleep(min(ROUND_EVERY_S, self._queue.hold.check_every_s))

    async def round(self) -> None:
        """Once round."""
        await self._queue.leave_fingerprint(self._fingerprint)
        self.reached_s = time.monotonic()
        await self._queue.tidy()
        if time.monotonic() - self._checked_s >= self._queue.hold.check_every_s:
            self._checked_s = time.monotonic()
            self._stalled |= set(await self._queue.release_stalled())
        await self._declare_dead()
        await self._find_lost()

    async def _declare_dead(self) -> None:
        """A job nobody holds, and somebody had begun: its worker died with it."""
        for job_id in list(self._stalled):
            await self._desk.fail(job_id, Reason.WORKER_DIED, only_from=State.RUNNING)
            self._stalled.discard(job_id)
            self._desk.news(job_id)

    async def _find_lost(self) -> None:
        """A prediction somebody waits for whose job is gone, or is over without its row."""
        tickets = [ticket for ticket in self._desk.tickets() if ticket.queued]
        if not tickets:
            return
        client: Any = self._queue.client
        async with client.pipeline(transaction=False) as pipe:
            for ticket in tickets:
                pipe.hmget(self._queue.keys.job(ticket.prediction_id), *FIELDS)
            found = await pipe.execute()
        for ticket, values in zip(tickets, found, strict=True):
            job = dict(zip(FIELDS, values, strict=True))
            is_odd = job["timestamp"] is None or job["finishedOn"] is not None
            if self._confirmed(ticket, is_odd=is_odd):
                await self._write_for(ticket.prediction_id, job)
                self._desk.news(ticket.prediction_id)

    def _confirmed(self, ticket: Ticket, *, is_odd: bool) -> bool:
        now_s = time.monotonic()
        if not is_odd:
            ticket.odd_since_s = None
        elif ticket.odd_since_s is None:
            ticket.odd_since_s = now_s
        return is_odd and now_s - (ticket.odd_since_s or now_s) >= CONFIRM_S

    async def _write_for(self, prediction_id: str, job: dict[str, Any]) -> None:
        """Write the row of a job whose worker could not, or was none of ours."""
        if job["timestamp"] is None:
            await self._desk.fail(prediction_id, Reason.DATA_LOST)
        elif job["failedReason"]:
            await self._desk.fail(prediction_id, Reason.FLOW, error=job["failedReason"])
        else:
            await self._desk.complete(prediction_id, foreign_result(job["returnvalue"]))


def foreign_result(returned: str | None) -> dict[str, Any]:
    """A result as clients expect it, of whatever a worker that is none of ours returned."""
    value = json.loads(returned) if returned else None
    return value if isinstance(value, dict) and "text" in value else {"text": value}
