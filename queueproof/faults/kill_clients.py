"""Redis drops the target's connections of one kind, as a failing network or an operator would."""

from __future__ import annotations

from queueproof.errors import UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.repetition import Repetition
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_view import RedisView, command

_KINDS = {"pubsub": ("pubsub",), "normal": ("normal",), "all": ("normal", "pubsub")}


@fault("kill_clients")
def kill_clients(stack: ChaosStack, *, kind: str = "pubsub", every_s: float = 0.0) -> Fault:
    """Drop every `pubsub` or `normal` connection, or `all`: once, or again until healed."""
    if kind not in _KINDS:
        raise UsageError(f"fault kill_clients: kind must be one of {', '.join(_KINDS)}")
    return KilledConnections(stack.redis.view, kind=kind, every_s=every_s)


class KilledConnections:
    """Kills every connection of `kind` (`pubsub`, `normal` or `all`) once, and with `every_s` again
    after each so many seconds until healed.
    """

    def __init__(self, redis: RedisView, *, kind: str = "pubsub", every_s: float = 0.0) -> None:
        self.name = f"killed {kind} connections"
        self._redis = redis
        self._kind = kind
        self._every_s = every_s
        self._again: Repetition | None = None
        self._killed = 0

    async def apply(self) -> None:
        """Kill what is connected now, except ourselves."""
        self._killed = 0
        await self._kill()
        if self._every_s:
            self._again = Repetition(self._kill, every_s=self._every_s)

    async def confirm(self) -> str:
        """How many connections were cut."""
        if not self._killed:
            raise Unconfirmed(f"{self.name}: there was none to kill")
        return f"{self._killed} connections cut"

    async def heal(self) -> None:
        """Kill no more; clients may reconnect at once."""
        if self._again is not None:
            again, self._again = self._again, None
            await again.stop()

    async def _kill(self) -> None:
        for kind in _KINDS[self._kind]:
            answer = await command(
                self._redis.client(), "CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes"
            )
            self._killed += int(answer)
