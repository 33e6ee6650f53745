"""Redis takes no writes: it believes to be the replica of a master that nobody reaches.

This is what clients meet that still talk to the old master after a failover.
"""

from __future__ import annotations

from contextlib import suppress

from redis.exceptions import ReadOnlyError

from queueproof.errors import HarnessError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.config_change import ConfigChange, refusals
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.journal import Journal, Undo, address_of, redis_says
from queueproof.targets.redis_view import RedisView, command

_CANARY = "queueproof:read-only"
#: Nobody can listen at port 0. At any other one of its own machine there might be a Redis, whose
#: data would take the place of the target's.
_NOBODY = ("127.0.0.1", "0")


@fault("read_only")
def read_only(stack: ChaosStack) -> Fault:
    """Refuse every write; reads are answered."""
    return ReadOnly(stack.redis.view, stack.journal)


class ReadOnly:
    """`REPLICAOF` an address where nobody listens."""

    name = "Redis is read-only"

    def __init__(self, view: RedisView, journal: Journal) -> None:
        self._view = view
        self._journal = journal
        self._change = ConfigChange(view, journal)
        self._note: int | None = None
        self._refused = 0

    async def apply(self) -> None:
        """Demote it, and offer a write of our own."""
        undo = Undo("redis", address_of(self._view), {"commands": [["REPLICAOF", "NO", "ONE"]]})
        self._note = self._journal.note(undo)
        client = self._view.client()
        await self._change.make({"replica-read-only": "yes"})
        self._refused = await refusals(self._view, "READONLY")
        await command(client, "REPLICAOF", *_NOBODY)
        says = await redis_says(self._view, [("CONFIG", "GET", "replicaof")])
        self._journal.amend(self._note, undo.so_long_as(says))
        with suppress(ReadOnlyError):
            await client.set(_CANARY, "1", ex=1)

    async def confirm(self) -> str:
        """Refusals, as the server counts them."""
        refused = await refusals(self._view, "READONLY") - self._refused
        if not refused:
            raise Unconfirmed(f"{self.name}: no write was refused")
        return f"{refused} commands refused (READONLY)"

    async def heal(self) -> None:
        """Promote it again."""
        if self._note is None:
            return
        client = self._view.client()
        await command(client, "REPLICAOF", "NO", "ONE")
        if (await client.info("replication"))["role"] != "master":
            raise HarnessError("Redis is still a replica after REPLICAOF NO ONE")
        await self._change.undo()
        self._journal.done(self._note)
        self._note = None
