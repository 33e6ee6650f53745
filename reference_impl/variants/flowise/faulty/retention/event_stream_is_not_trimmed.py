"""The queue's event stream grows for ever."""

from __future__ import annotations

from reference_impl.flowise.queue import PredictionQueue

FAILS = frozenset({"RETN-001"})
PLAYS = ("RETN-002",)


async def _endless(self: PredictionQueue) -> None:
    await self.client.hset(self.keys.bull("meta"), "opts.maxLenEvents", "1000000")


async def _leave(self: PredictionQueue) -> None:
    return


def install() -> None:
    """Set no length."""
    PredictionQueue.apply_trimming = _endless  # type: ignore[method-assign]
    PredictionQueue.tidy = _leave  # type: ignore[method-assign]
