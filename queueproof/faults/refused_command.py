"""Redis refuses chosen commands to the target's user, and to nobody else.

An access-control rule strikes at exactly one kind of operation and leaves every connection up,
which no network fault can do. Evidence: the server's own log of refusals. Rules outlive whoever
made them, and a user may be shared with other programs: they are noted for the next run.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from redis.asyncio import Redis

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.journal import KINDS, Journal, Undo, address_of, redis_says
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
        # A server of ours ends with the run.
        self._journal = Journal(keeps=frozenset() if redis.ours else KINDS)
        self._note: int | None = None
        self._before: list[str] = []
        self._refused_before = 0

    async def apply(self) -> None:
        """Take the commands away from the target's user, through a user of our own."""
        client = self._redis.client()
        self._user = str(await client.acl_whoami())
        rights = await command(client, "ACL", "GETUSER", self._user)
        self._before = str(rights["commands"]).split()
        undo = Undo("redis", address_of(self._redis), {"commands": self._undoing()})
        self._note = self._journal.note(undo)
        password = secrets.token_hex(16)
        await command(
            client, "ACL", "SETUSER", self._own_name, "on", f">{password}", "~*", "&*", "+@all"
        )
        self._own = self._redis.client_as(self._own_name, password)
        self._refused_before = await self._logged()
        rules = [f"-{name}" for name in self._commands]
        await command(self._own, "ACL", "SETUSER", self._user, *rules)
        asked = [("ACL", "GETUSER", self._user)]
        self._journal.amend(self._note, undo.so_long_as(await redis_says(self._redis, asked)))

    async def confirm(self) -> str:
        """How often the server refused."""
        refusals = await self.refusals()
        if not refusals:
            raise Unconfirmed(f"{self.name}: the target never tried, so nothing was refused")
        return f"{refusals} refusals by the server"

    async def refusals(self) -> int:
        """Refusals so far, as the server's log counts them."""
        return max(0, await self._logged() - self._refused_before)

    async def heal(self) -> None:
        """Give the user exactly what it had, and remove our own."""
        if self._note is None:
            return
        if self._own is not None:
            await self._own.aclose()
            self._own = None
        for words in self._undoing():
            await command(self._redis.client(), *words)
        self._journal.done(self._note)
        self._note = None

    def _undoing(self) -> list[list[str]]:
        """What gives the commands back; these of ACL are never taken away."""
        return [
            ["ACL", "SETUSER", self._user, *self._before],
            ["ACL", "DELUSER", self._own_name],
        ]

    async def _logged(self) -> int:
        """What the server's log counts; it is the operator's, and not emptied."""
        assert self._own is not None
        entries = await command(self._own, "ACL", "LOG")
        return sum(
            int(entry["count"])
            for entry in entries
            if entry["username"] == self._user and entry["object"].lower() in self._commands
        )
