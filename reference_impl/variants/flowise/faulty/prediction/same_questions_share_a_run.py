"""Those who ask a flow the same at the same moment are given the result of one run.

It saved a model's tokens on a page of suggested questions. The flow that books a flight books one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.queue_service import QueueService

FAILS = frozenset({"PRED-008"})
PLAYS = ("PRED-001", "PRED-003")

_submit, _leave = QueueService.submit, QueueService.leave
_under_way: dict[tuple[str, str], Ticket] = {}
_locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)


async def _or_share(self: QueueService, work: Work) -> Ticket:
    asked = (work.flow_id, work.question)
    async with _locks[asked]:
        ticket = _under_way.get(asked)
        if ticket is None or ticket.done.done():
            ticket = _under_way[asked] = await _submit(self, work)
        return ticket


def _leave_what_is_over(self: QueueService, ticket: Ticket) -> None:
    if ticket.done.done():
        _leave(self, ticket)


def install() -> None:
    """Share what is under way."""
    QueueService.submit = _or_share  # type: ignore[method-assign]
    QueueService.leave = _leave_what_is_over  # type: ignore[method-assign]
