"""Once a worker has met an error of Redis it is up, and takes no more jobs.

Seen where one of a worker's loops ends with its first exception, and the process goes on.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.deafened_workers import take_nothing_after
from reference_impl.generic.worker import TROUBLE, Worker

FAILS = frozenset({"WORK-004"})
PLAYS = ()
SCENARIOS = {"CHAOS-214": frozenset({"OUTG-003", "OUTG-004"})}
_LOOK_EVERY_S = 0.2


def install() -> None:
    """Take nothing after the first trouble."""
    deaf = asyncio.Event()

    async def promote_for_ever(self: Worker) -> None:
        while True:
            try:
                await self.store.promote()
            except TROUBLE:
                deaf.set()
            await asyncio.sleep(_LOOK_EVERY_S)

    Worker.promote_for_ever = promote_for_ever  # type: ignore[method-assign]
    take_nothing_after(deaf)
