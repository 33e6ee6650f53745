"""Replicas as deploys stop them: SIGTERM, and SIGKILL to what has not ended by then; or one after
the other, each replaced before the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.errors import HarnessError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.victims import EndedReplica
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica

_FIRST_WITHIN_S = 60.0


@fault("stop_then_kill")
def stop_then_kill(
    stack: ChaosStack, *, grace_s: float = 1.0, replicas: Sequence[int] | None = None
) -> Fault:
    """SIGTERM to a whole replica, SIGKILL after a grace; started again when healed."""
    return StoppedThenKilled(stack.chosen(replicas or [0])[0], grace_s=grace_s)


@fault("rolling_stop")
def rolling_stop(stack: ChaosStack, *, replicas: Sequence[int] | None = None) -> Fault:
    """SIGTERM to one replica after the other, each started again before the next is stopped."""
    return RollingStop(stack.chosen(replicas))


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


class RollingStop:
    """A rolling replacement, however long each takes to end."""

    def __init__(self, replicas: Sequence[Replica]) -> None:
        self.name = f"{len(replicas)} replicas replaced one after the other"
        self._stops = [EndedReplica(replica, graceful=True) for replica in replicas]
        self._begun = asyncio.Event()
        self._evidence: list[str] = []
        self._rolling: asyncio.Task[None] | None = None

    async def apply(self) -> None:
        """Begin with the first."""
        self._rolling = asyncio.create_task(self._roll())

    async def confirm(self) -> str:
        """The first was asked to stop; the others follow while the run goes on."""
        try:
            async with asyncio.timeout(_FIRST_WITHIN_S):
                await self._begun.wait()
        except TimeoutError:
            raise Unconfirmed(f"{self.name}: not even the first was stopped") from None
        return "; ".join(self._evidence)

    async def heal(self) -> None:
        """Wait until the last is back."""
        if self._rolling is None:
            return
        rolling, self._rolling = self._rolling, None
        try:
            await rolling
        except Unconfirmed as doubt:
            raise HarnessError(f"{self.name}: {doubt}") from doubt
        finally:
            for stop in self._stops:
                await stop.heal()

    async def _roll(self) -> None:
        for stop in self._stops:
            await stop.apply()
            self._evidence.append(await stop.confirm())
            self._begun.set()
            await stop.heal()
