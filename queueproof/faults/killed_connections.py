"""Redis drops the target's connections of one kind, as a failing network or an operator would."""

from __future__ import annotations

from queueproof.errors import Inconclusive
from queueproof.targets.redis_view import RedisView, command


class KilledConnections:
    """Kills every connection of `kind` (`pubsub` or `normal`) once; heals by itself."""

    def __init__(self, redis: RedisView, *, kind: str = "pubsub") -> None:
        self.name = f"killed {kind} connections"
        self._redis = redis
        self._kind = kind
        self._killed = 0

    async def apply(self) -> None:
        """Kill what is connected now, except ourselves."""
        answer = await command(
            self._redis.client(), "CLIENT", "KILL", "TYPE", self._kind, "SKIPME", "yes"
        )
        self._killed = int(answer)

    async def confirm(self) -> str:
        """How many connections were cut."""
        if not self._killed:
            raise Inconclusive(f"{self.name}: there was none to kill")
        return f"{self._killed} connections cut"

    async def heal(self) -> None:
        """Nothing to undo: clients may reconnect at once."""
