"""A prediction takes the place of the one before it in its chat, whose caller gets an error."""

from __future__ import annotations

import asyncio

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.service import QueueUnavailable

FAILS = frozenset({"PRED-012"})
PLAYS = ("PRED-001", "PRED-002", "LIVE-003")

_submit = QueueService.submit
_seats: dict[str, Ticket] = {}
_turn = asyncio.Lock()


async def _seated(self: QueueService, work: Work) -> Ticket:
    async with _turn:
        before = _seats.pop(work.chat_id, None)
        if before is not None and not before.done.done():
            before.done.set_exception(QueueUnavailable("another prediction came in this chat"))
        ticket = _seats[work.chat_id] = await _submit(self, work)
        return ticket


def install() -> None:
    """One seat a chat."""
    QueueService.submit = _seated  # type: ignore[method-assign]
