"""Jobs lie below a prefix of the product's own, where nobody's BullMQ tools look for them."""

from __future__ import annotations

from typing import Any

from bullmq import Queue, QueueEvents
from bullmq import Worker as BullWorker

from reference_impl.flowise import hearing, keys, queue, taker

FAILS = frozenset({"QUEU-008", "QUEU-009", "RETN-002"})
PLAYS = ("PRED-001", "DASH-001")

PREFIX = "predictions"


class OwnQueue(Queue):  # type: ignore[misc]
    """Elsewhere."""

    def __init__(self, name: str, opts: Any) -> None:
        super().__init__(name, {**opts, "prefix": PREFIX})


class OwnQueueEvents(QueueEvents):  # type: ignore[misc]
    """Elsewhere."""

    def __init__(self, name: str, opts: Any) -> None:
        super().__init__(name, {**opts, "prefix": PREFIX})


class OwnBullWorker(BullWorker):  # type: ignore[misc]
    """Elsewhere."""

    def __init__(self, name: str, processor: Any, opts: Any) -> None:
        super().__init__(name, processor, {**opts, "prefix": PREFIX})


def install() -> None:
    """Move everything."""
    keys.BULL_PREFIX = PREFIX
    queue.Queue = OwnQueue  # type: ignore[attr-defined]
    hearing.QueueEvents = OwnQueueEvents  # type: ignore[attr-defined]
    taker.BullWorker = OwnBullWorker  # type: ignore[attr-defined]
