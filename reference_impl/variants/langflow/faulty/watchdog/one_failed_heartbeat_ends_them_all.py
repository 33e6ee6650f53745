"""A heartbeat that could not be written is the last one of its reader: the task that writes died.

After the shortest outage every client that had been reading all the time counts as gone, and its
build is reclaimed.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.attention import Attention
from reference_impl.store.base import StoreUnavailable

FAILS = frozenset({"WDOG-012"})
PLAYS = ("WDOG-012", "MONI-017")


class Mortal(Attention):
    """Dies of its first error."""

    async def _keep_touching(self, job_id: str, left: asyncio.Event) -> None:
        while not left.is_set():
            try:
                await self.store.touch(job_id)
            except StoreUnavailable:
                self.stats.activity_touch_errors += 1
                return
            try:
                async with asyncio.timeout(self.period_s):
                    await left.wait()
            except TimeoutError:
                continue


class VariantAssembly(Assembly):
    """Listens for clients with it."""

    attention_class = Mortal
