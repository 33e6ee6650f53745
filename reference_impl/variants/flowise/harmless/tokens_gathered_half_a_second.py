"""A stream's events go out twice a second, several at once."""

from __future__ import annotations

import asyncio

from reference_impl.flowise.live_reader import LiveReader

GATHERED_S = 0.4
_wait = LiveReader.wait


async def _gather(self: LiveReader, *, within_s: float) -> None:
    await _wait(self, within_s=within_s)
    await asyncio.sleep(GATHERED_S)


def install() -> None:
    """Gather."""
    LiveReader.wait = _gather  # type: ignore[method-assign]
