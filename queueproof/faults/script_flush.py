"""Redis forgets its scripts: whoever calls one by its hash is told so, and must send it anew."""

from __future__ import annotations

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.config_change import refusals
from queueproof.faults.shared.repetition import Repetition
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
        self._again: Repetition | None = None
        self._cached = self._missed = 0

    async def apply(self) -> None:
        """Flush."""
        memory = await self._view.client().info("memory")
        self._cached = int(memory["number_of_cached_scripts"])
        self._missed = await refusals(self._view, "NOSCRIPT")
        await self._flush()
        if self._every_s:
            self._again = Repetition(self._flush, every_s=self._every_s)

    async def confirm(self) -> str:
        """Scripts were there to lose, and somebody missed one."""
        missed = await refusals(self._view, "NOSCRIPT") - self._missed
        if not self._cached or not missed:
            raise Unconfirmed(f"{self.name}: {self._cached} were cached, {missed} calls missed one")
        return f"{self._cached} scripts forgotten, {missed} calls told so (NOSCRIPT)"

    async def heal(self) -> None:
        """Flush no more."""
        if self._again is not None:
            again, self._again = self._again, None
            await again.stop()

    async def _flush(self) -> None:
        await command(self._view.client(), "SCRIPT", "FLUSH")
