"""A worker asks for Redis for half a minute; then it is up, and takes no more jobs.

Seen where retries have a greatest number, which nobody thought an outage would reach.
"""

from __future__ import annotations

import asyncio
import time

from reference_impl.generic.deafened_workers import take_nothing_after
from reference_impl.generic.worker import TROUBLE, Worker

SCENARIOS = {"CHAOS-221": frozenset({"OUTG-003", "OUTG-004"})}
_PATIENCE_S = 30.0
_LOOK_EVERY_S = 0.2


def install() -> None:
    """Take nothing after so long a trouble."""
    deaf = asyncio.Event()

    async def promote_for_ever(self: Worker) -> None:
        well_s = time.monotonic()
        while True:
            try:
                await self.store.promote()
                well_s = time.monotonic()
            except TROUBLE:
                if time.monotonic() - well_s > _PATIENCE_S:
                    deaf.set()
            await asyncio.sleep(_LOOK_EVERY_S)

    Worker.promote_for_ever = promote_for_ever  # type: ignore[method-assign]
    take_nothing_after(deaf)
