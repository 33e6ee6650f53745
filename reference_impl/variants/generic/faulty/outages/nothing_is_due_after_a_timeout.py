"""Whoever looks after delayed and lost jobs has gone home after the first answer that did not come.

Everything else goes on: a job that is to begin at once does.
"""

from __future__ import annotations

import asyncio
import contextlib

from redis.exceptions import TimeoutError as RedisTimeoutError

from reference_impl.generic.worker import TROUBLE, Worker

SCENARIOS = {"CHAOS-228": frozenset({"OUTG-004", "OUTG-009"})}


def install() -> None:
    """Look until then."""

    async def promote_for_ever(self: Worker) -> None:
        with contextlib.suppress(RedisTimeoutError, TimeoutError):
            while True:
                try:
                    await self.store.promote()
                except (RedisTimeoutError, TimeoutError):
                    raise
                except TROUBLE:
                    pass
                await asyncio.sleep(0.2)

    Worker.promote_for_ever = promote_for_ever  # type: ignore[method-assign]
