"""When a caller goes away, the flow's other callers get an error: they wait on one connection."""

from __future__ import annotations

from collections import defaultdict

from reference_impl.flowise.desk import Ticket
from reference_impl.flowise.execution import Work
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.service import QueueUnavailable

FAILS = frozenset({"PRED-006"})
PLAYS = ("PRED-001", "PRED-002", "PRED-012")

_submit, _leave = QueueService.submit, QueueService.leave
_callers: defaultdict[str, dict[str, Ticket]] = defaultdict(dict)


async def _beside(self: QueueService, work: Work) -> Ticket:
    ticket = _callers[work.flow_id][work.id] = await _submit(self, work)
    return ticket


def _hang_up(self: QueueService, ticket: Ticket) -> None:
    for together in _callers.values():
        if together.pop(ticket.prediction_id, None) is not None and not ticket.done.done():
            for other in together.values():
                if not other.done.done():
                    other.done.set_exception(QueueUnavailable("the connection is gone"))
    _leave(self, ticket)


def install() -> None:
    """One connection a flow."""
    QueueService.submit = _beside  # type: ignore[method-assign]
    QueueService.leave = _hang_up  # type: ignore[method-assign]
