"""A worker takes what waits, and takes more only when all of it is done.

Seen where a consumer gathers a batch, and the slowest of it holds up the rest.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.worker import Worker

FAILS = frozenset({"PROM-020"})
PLAYS = ("PROM-001",)
_LOOK_EVERY_S = 1.0


def install() -> None:
    """Take in batches."""
    take_one = Worker.take_one

    async def in_batches(self: Worker) -> None:
        if self.running:
            await asyncio.wait(self.running, timeout=_LOOK_EVERY_S)
            return
        taken = -1
        while len(self.running) > taken:
            taken = len(self.running)
            await take_one(self)

    Worker.take_one = in_batches  # type: ignore[method-assign]
