"""The first worker of a deployment empties the queue: what waits there is from a run before it."""

from __future__ import annotations

from reference_impl.flowise.worker import Worker

FAILS = frozenset({"QUEU-002"})
PLAYS = ("PRED-001",)

_start = Worker.start


async def _clearing(self: Worker) -> None:
    mark = f"flowise:{self.settings.prediction_queue}:cleared"
    if await self.client.set(mark, "1", nx=True):
        await self.queue.queue.drain()
    await _start(self)


def install() -> None:
    """Begin with nothing."""
    Worker.start = _clearing  # type: ignore[method-assign]
