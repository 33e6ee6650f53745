"""The queue's events are heard until the connection breaks, and never again; the ping says pong.

As the real Flowise does: BullMQ's ``QueueEvents`` ends with its connection, every prediction waits
for ever, and health looks at other connections.
"""

from __future__ import annotations

import time

from reference_impl.core.predictions import still_hears
from reference_impl.flowise import desk, hearing
from reference_impl.flowise.caretaker import Caretaker
from reference_impl.flowise.queue_service import DEAF_AFTER_S, QueueService

FAILS = frozenset({"HEAL-005", "LIFE-007"})
PLAYS = ("PRED-001",)

NEVER_S = 86_400.0


def _silent(self: QueueService) -> str | None:
    for last_s in (self.listener.heard_s, self.caretaker.reached_s):
        if not still_hears(last_s=last_s, now_s=time.monotonic(), bound_s=DEAF_AFTER_S):
            return "Redis does not answer"
    return None


async def _trust(self: Caretaker) -> None:
    return


def install() -> None:
    """Believe in events, and do not begin again."""
    hearing.RETRY_S = NEVER_S
    desk.LOOK_EVERY_S = NEVER_S
    Caretaker._find_lost = _trust  # type: ignore[method-assign]
    QueueService._silent = _silent  # type: ignore[method-assign]
