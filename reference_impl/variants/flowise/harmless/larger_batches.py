"""Events travel in batches: what happens within a quarter of a second is sent in one go."""

from __future__ import annotations

import asyncio

from reference_impl.flowise.live_reader import LiveReader

COLLECT_S = 0.25
_wait = LiveReader.wait


async def _gather(self: LiveReader, *, within_s: float) -> None:
    await _wait(self, within_s=within_s)
    await asyncio.sleep(COLLECT_S)


def install() -> None:
    """Let events gather before they are sent."""
    LiveReader.wait = _gather  # type: ignore[method-assign]
