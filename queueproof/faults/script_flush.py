"""Redis forgets its scripts: whoever calls one by its hash is told so, and must send it anew."""

from __future__ import annotations

import asyncio

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.config_change import refusals
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_view import RedisView, command


@fault("script_flush")
def script_flush(stack: ChaosStack, *, every_s: float = 0.0) -> Fault:
    """Flush the scripts once, or every so many seconds until healed."""
    return ScriptFlush(stack.redis.view, every_s=every_s)


class ScriptFlush:
    """`SCRIPT FLUSH`; nothing needs to be given back."""

    name = "scripts flushed"

    def __init__(self, view: RedisView, *, every_s: float) -> None:
        self._view = view
        self._every_s = every_s
        self._again: asyncio.Task[None] | None = None
        self._cached = self._missed = 0

    async def apply(self) -> None:
        """Flush."""
        memory = await self._view.client().info("memory")
        self._cached = int(memory["number_of_cached_scripts"])
        self._missed = await refusals(self._view, "NOSCRIPT")
        await command(self._view.client(), "SCRIPT", "FLUSH")
        if self._every_s:
            self._again = asyncio.create_task(self._repeat())

    async def confirm(self) -> str:
        """Scripts were there to lose, and somebody missed one."""
        missed = await refusals(self._view, "NOSCRIPT") - self._missed
        if not self._cached or not missed:
            raise Unconfirmed(f"{self.name}: {self._cached} were cached, {missed} calls missed one")
        return f"{self._cached} scripts forgotten, {missed} calls told so (NOSCRIPT)"

    async def heal(self) -> None:
        """Flush no more."""
        if self._again is not None:
            self._again.cancel()
            await asyncio.gather(self._again, return_exceptions=True)
            self._again = None

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await command(self._view.client(), "SCRIPT", "FLUSH")
