"""The server lets a hundred callers wait; whoever comes beyond that is told to come again."""

from __future__ import annotations

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.service import QueueUnavailable

FAILS = frozenset({"PRED-010"})
PLAYS = ("PRED-001", "PRED-002")
PLACES = 100

_submit = QueueService.submit


async def _seated(self: QueueService, work: Work) -> Ticket:
    if len(self.desk.tickets()) >= PLACES:
        raise QueueUnavailable("all places are taken")
    return await _submit(self, work)


def install() -> None:
    """Count them."""
    QueueService.submit = _seated  # type: ignore[method-assign]
