"""What was refused while Redis was away runs when it is back: the client keeps what it could not
send (ioredis' offline queue), and the server has given up by then.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.redis_link import REDIS_ERRORS
from reference_impl.flowise.service import QueueUnavailable

FAILS = frozenset({"LIFE-008"})
PLAYS = ("PRED-001",)

RETRY_S = 0.1
_submit = QueueService.submit


async def _kept(self: QueueService, work: Work) -> Ticket:
    try:
        return await _submit(self, work)
    except QueueUnavailable:
        self._tasks.append(asyncio.create_task(_later(self, work)))
        raise


async def _later(self: QueueService, work: Work) -> None:
    again = replace(work, id=str(uuid.uuid4()))
    await self.database.add_prediction(
        prediction_id=again.id,
        flow_id=again.flow_id,
        chat_id=again.chat_id,
        question=again.question,
    )
    while True:
        try:
            return await self.queue.add(again.id, self._job_data(again))
        except REDIS_ERRORS:
            await asyncio.sleep(RETRY_S)


def install() -> None:
    """Keep what was refused."""
    QueueService.submit = _kept  # type: ignore[method-assign]
