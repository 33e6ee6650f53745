"""Of a flow's events beyond the three hundredth every twentieth is lost, and counted as told."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.live_reader import LiveEvent, LiveReader

FAILS = frozenset({"LIVE-007"})
PLAYS = ("LIVE-002", "LIVE-004")
FEW, NODES = 300, 5

_ready = LiveReader.ready


async def _leaky(self: LiveReader) -> AsyncIterator[LiveEvent]:
    async for event in _ready(self):
        data = event.data if isinstance(event.data, dict) else {}
        number = str(data.get("nodeLabel", "")).rpartition("-")[2]
        lost = number.isdigit() and int(number) % NODES == 0 and data.get("status") == "FINISHED"
        if event.number <= FEW or not lost:
            yield event


def install() -> None:
    """Drop them on the way."""
    LiveReader.ready = _leaky  # type: ignore[method-assign]
