"""A replica as deploys stop it: SIGTERM, and SIGKILL to what has not ended by then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.faults.base import Fault
from queueproof.faults.registry import fault
from queueproof.faults.shared.ended_replica import EndedReplica
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica


@fault("stop_then_kill")
def stop_then_kill(
    stack: ChaosStack, *, grace_s: float = 1.0, replicas: Sequence[int] | None = None
) -> Fault:
    """SIGTERM to a whole replica, SIGKILL after a grace; started again when healed."""
    return StoppedThenKilled(stack.chosen(replicas or [0])[0], grace_s=grace_s)


class StoppedThenKilled:
    """What a supervisor does whose grace is shorter than the work."""

    def __init__(self, replica: Replica, *, grace_s: float) -> None:
        self.name = f"{replica.name} asked to stop, killed {grace_s:g} s later"
        self._stop = EndedReplica(replica, graceful=True)
        self._replica = replica
        self._grace_s = grace_s
        self._killing: asyncio.Task[None] | None = None

    async def apply(self) -> None:
        """Ask, and have it killed later."""
        await self._stop.apply()
        self._killing = asyncio.create_task(self._kill_later())

    async def confirm(self) -> str:
        """It is gone, by whichever signal."""
        if self._killing is not None:
            await self._killing
        return await self._stop.confirm()

    async def heal(self) -> None:
        """Start it again."""
        if self._killing is not None:
            await self._killing
            self._killing = None
        await self._stop.heal()

    async def _kill_later(self) -> None:
        await asyncio.sleep(self._grace_s)
        await self._replica.kill()
