"""A worker whose connection broke never listens for aborts again; the server says aborted at once.

Readers are told that the job is over, and it works on.
"""

from __future__ import annotations

from typing import Any

from reference_impl.core.predictions import Reason, Signal
from reference_impl.flowise import hearing
from reference_impl.flowise.execution import CANCELLED
from reference_impl.flowise.performer import Runs
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.redis_link import REDIS_ERRORS
from reference_impl.flowise.service import QueueUnavailable
from reference_impl.flowise.tables import Prediction
from reference_impl.flowise.worker import Worker

SCENARIOS = {"CHAOS-030": frozenset({"RESI-007", "RESI-008", "CANC-017"})}

NEVER_S = 86_400.0
_init, _stop = Worker.__init__, Runs.stop


def _hearing_once(self: Worker, *args: Any, **parts: Any) -> None:
    _init(self, *args, **parts)
    hearing.RETRY_S = NEVER_S


async def _say_so(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    await self._require_queue()
    before = await self.database.predictions(flow_id=flow_id, chat_id=chat_id)
    try:
        await self.queue.publish_abort(flow_id, chat_id)
    except REDIS_ERRORS as error:
        raise QueueUnavailable from error
    for row in before:
        await self.database.signal(row.id, Signal.ABORT, reason=Reason.USER, error=CANCELLED)
        self.desk.news(row.id)
    return before


def _unless_over(self: Runs, prediction_id: str, reason: Reason) -> bool:
    return reason is not Reason.WORKER_DIED and _stop(self, prediction_id, reason)


def install() -> None:
    """Listen until the connection breaks."""
    Worker.__init__ = _hearing_once  # type: ignore[method-assign]
    QueueService.abort = _say_so  # type: ignore[method-assign]
    Runs.stop = _unless_over  # type: ignore[method-assign]
