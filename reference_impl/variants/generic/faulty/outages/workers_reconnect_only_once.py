"""A worker gets over one loss of Redis; after the second it is up, and takes no more jobs.

Seen where what is set up anew after a loss lacks the handler that set it up.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.deafened_workers import take_nothing_after
from reference_impl.generic.worker import TROUBLE, Worker

SCENARIOS = {"CHAOS-218": frozenset({"OUTG-003", "OUTG-004"})}
_LOOK_EVERY_S = 0.1


def install() -> None:
    """Count how often Redis was there and then is not, and give up the second time."""
    deaf = asyncio.Event()

    async def promote_for_ever(self: Worker) -> None:
        there, losses = True, 0
        while True:
            try:
                await self.store.promote()
                there = True
            except TROUBLE:
                losses += there
                there = False
            if losses > 1:
                deaf.set()
            await asyncio.sleep(_LOOK_EVERY_S)

    Worker.promote_for_ever = promote_for_ever  # type: ignore[method-assign]
    take_nothing_after(deaf)
