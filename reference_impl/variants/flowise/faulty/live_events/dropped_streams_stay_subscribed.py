"""A stream whose client left before the end leaves its channel subscribed for ever.

Unsubscribing stands behind the last event instead of around all of them.
"""

from __future__ import annotations

from reference_impl.flowise.live_reader import LiveReader
from reference_impl.flowise.queue_service import QueueService

FAILS = frozenset({"LIVE-005"})
PLAYS = ("LIVE-004..005", "PRED-006")

_end_reading = QueueService.end_reading


async def _after_the_last_event(self: QueueService, reader: LiveReader) -> None:
    ticket = self.desk._tickets.get(reader.job_id)
    if ticket is None or ticket.done.done():
        await _end_reading(self, reader)


def install() -> None:
    """Unsubscribe at the end alone."""
    QueueService.end_reading = _after_the_last_event  # type: ignore[method-assign]
