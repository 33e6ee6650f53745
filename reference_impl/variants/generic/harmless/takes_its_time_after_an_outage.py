"""A worker that has lost Redis says so once in a second, and looks for jobs two seconds later."""

from __future__ import annotations

import asyncio
import sys
import time
import traceback

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import TROUBLE, Worker

PLAYS = ("WORK-004", "WORK-008", "WORK-011", "WORK-012")
SCENARIOS: dict[str, frozenset[str]] = {"CHAOS-211": frozenset(), "CHAOS-220": frozenset()}
_SAYS_EVERY_S, _RESTS_S, _LOOK_EVERY_S = 1.0, 2.0, 0.1


def install() -> None:
    """Print a whole trace each time, and rest."""
    promote, take_one = JobStore.promote, Worker.take_one
    lost_s, said_s = [float("-inf")], [float("-inf")]

    async def telling(self: JobStore) -> None:
        try:
            await promote(self)
        except TROUBLE:
            lost_s[0] = time.monotonic()
            if lost_s[0] > said_s[0] + _SAYS_EVERY_S:
                said_s[0] = lost_s[0]
                traceback.print_exc(file=sys.stdout)
                sys.stdout.flush()
            raise

    async def rested(self: Worker) -> None:
        if time.monotonic() > lost_s[0] + _RESTS_S:
            await take_one(self)
        else:
            await asyncio.sleep(_LOOK_EVERY_S)

    JobStore.promote = telling  # type: ignore[method-assign]
    Worker.take_one = rested  # type: ignore[method-assign]
