"""Redis refuses chosen commands to the target's user, and to nobody else.

An access-control rule strikes at exactly one kind of operation and leaves every connection up,
which no network fault can do. Evidence: the server's own log of refusals.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from redis.asyncio import Redis

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_view import RedisView, command


@fault("refused_command")
def refused_command(stack: ChaosStack, *, commands: Sequence[str] = ("publish",)) -> Fault:
    """Refuse the `commands` named to the target's user."""
    return RefusedCommand(stack.redis.view, *commands)


class RefusedCommand:
    """Refuses `commands` (such as `publish`) to the user that the target connects as."""

    def __init__(self, redis: RedisView, *commands: str) -> None:
        self.name = f"refused {', '.join(commands)}"
        self._commands = commands
        self._redis = redis
        self._user = ""
        self._own_name = f"queueproof-{secrets.token_hex(4)}"
        self._own: Redis | None = None

    async def apply(self) -> None:
        """Take the commands away from the target's user, through a user of our own."""
        client = self._redis.client()
        self._user = str(await client.acl_whoami())
        password = secrets.token_hex(16)
        await command(
            client, "ACL", "SETUSER", self._own_name, "on", f">{password}", "~*", "&*", "+@all"
        )
        self._own = self._redis.client_as(self._own_name, password)
        await command(self._own, "ACL", "LOG", "RESET")
        await self._rule("-")

    async def confirm(self) -> str:
        """How often the server refused."""
        refusals = await self.refusals()
        if not refusals:
            raise Unconfirmed(f"{self.name}: the target never tried, so nothing was refused")
        return f"{refusals} refusals by the server"

    async def refusals(self) -> int:
        """Refusals so far, as the server's log counts them."""
        assert self._own is not None
        entries = await command(self._own, "ACL", "LOG")
        return sum(
            int(entry["count"])
            for entry in entries
            if entry["username"] == self._user and entry["object"].lower() in self._commands
        )

    async def heal(self) -> None:
        """Give the commands back and remove our own user."""
        if self._own is None:
            return
        await self._rule("+")
        await self._own.aclose()
        self._own = None
        await command(self._redis.client(), "ACL", "DELUSER", self._own_name)

    async def _rule(self, sign: str) -> None:
        assert self._own is not None
        rules = [f"{sign}{command}" for command in self._commands]
        await command(self._own, "ACL", "SETUSER", self._user, *rules)
