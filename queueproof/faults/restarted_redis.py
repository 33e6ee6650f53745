"""Redis is away: stopped without its data, and started again empty when healed."""

from __future__ import annotations

from queueproof.errors import Inconclusive
from queueproof.stack.redis_server import RedisServer


class LostRedis:
    """Stops a Redis server of ours; healing starts it again on the same port, without data."""

    def __init__(self, server: RedisServer) -> None:
        self.name = "Redis stopped, its data lost"
        self._server = server
        self._stopped = False

    async def apply(self) -> None:
        """Stop it."""
        await self._server.stop()
        self._stopped = True

    async def confirm(self) -> str:
        """Nobody answers on its port."""
        if await self._server.answers():
            raise Inconclusive(f"{self.name}: something still answers on its port")
        return f"nobody answers on port {self._server.port}"

    async def heal(self) -> None:
        """Start it again, empty."""
        if self._stopped:
            self._stopped = False
            await self._server.start()
