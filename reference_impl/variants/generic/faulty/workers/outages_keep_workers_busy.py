"""While Redis does not answer, a worker asks whether it does without a pause.

As huey 3.0.1 did, with a third of a processor.
"""

from __future__ import annotations

import asyncio
import time

from reference_impl.generic.worker import TROUBLE, Worker

FAILS = frozenset({"WORK-008"})
PLAYS = ()
_ASKING_S = 1.0


def install() -> None:
    """Go round and round for a second after each error."""

    async def promote_for_ever(self: Worker) -> None:
        while True:
            try:
                await self.store.promote()
                await asyncio.sleep(0.2)
            except TROUBLE:
                await _go_round()

    Worker.promote_for_ever = promote_for_ever  # type: ignore[method-assign]


async def _go_round() -> None:
    until_s = time.monotonic() + _ASKING_S
    while time.monotonic() < until_s:  # noqa: ASYNC110 - that it spins is the fault
        await asyncio.sleep(0)
