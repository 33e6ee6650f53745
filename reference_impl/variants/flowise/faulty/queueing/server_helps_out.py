"""A server that knows of no worker runs jobs itself, though it is told to leave them to workers."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.redis_link import connect
from reference_impl.flowise.worker import Worker

FAILS = frozenset({"QUEU-001", "QUEU-007"})
PLAYS = ("PRED-001", "PRED-008")

SEEN_S = 60
_submit, _round = QueueService.submit, Worker._round
_own: list[Worker] = []


def _mark(settings: Any) -> str:
    return f"flowise:{settings.prediction_queue}:has-workers"


async def _seen(self: Worker) -> None:
    if self not in _own:
        await self.client.set(_mark(self.settings), "1", ex=SEEN_S)
    await _round(self)


async def _helping(self: QueueService, work: Work) -> Ticket:
    ticket = await _submit(self, work)
    if not _own and not await self.client.exists(_mark(self.settings)):
        client = connect(self.settings)
        helper = Worker(self.settings, database=self.database, client=client, secret=self.secret)
        _own.append(helper)
        await helper.start()
    return ticket


def install() -> None:
    """Lend a hand."""
    Worker._round = _seen  # type: ignore[method-assign]
    QueueService.submit = _helping  # type: ignore[method-assign]
