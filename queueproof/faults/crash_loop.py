"""A crash loop: a replica comes up, serves, and is gone again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.ended_replica import EndedReplica
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica


@fault("crash_loop")
def crash_loop(
    stack: ChaosStack,
    *,
    times: int = 3,
    serves_s: float = 1.0,
    replicas: Sequence[int] | None = None,
) -> Fault:
    """The replica is killed so many times, each time it has served for `serves_s`."""
    return CrashLoop(stack.chosen(replicas or [0])[0], times=times, serves_s=serves_s)


class CrashLoop:
    """Kills a replica again and again; it lasts as long as that takes."""

    def __init__(self, replica: Replica, *, times: int, serves_s: float) -> None:
        self.name = f"{replica.name} in a crash loop"
        self._replica = replica
        self._times = max(1, times)
        self._serves_s = serves_s
        self._deaths = 0
        self._looping: asyncio.Task[None] | None = None

    async def apply(self) -> None:
        """Kill it for the first time, and begin to wait for the next."""
        self._replica.keeper.must_be_startable()
        self._deaths = 0
        self._looping = asyncio.create_task(self._loop())

    async def confirm(self) -> str:
        """Wait until it was killed for the last time; each death was seen."""
        if self._looping is not None:
            await self._looping
        if self._deaths < self._times:
            raise Unconfirmed(f"{self.name}: it ended {self._deaths} of {self._times} times")
        return f"{self._replica.name} ended {self._deaths} times"

    async def heal(self) -> None:
        """Kill it no more: it is up when the loop is over."""
        if self._looping is not None:
            looping, self._looping = self._looping, None
            await asyncio.gather(looping, return_exceptions=True)

    async def _loop(self) -> None:
        for _ in range(self._times):
            killed = EndedReplica(self._replica, graceful=False)
            try:
                await killed.apply()
                await killed.confirm()
            finally:
                await killed.heal()
            self._deaths += 1
            await asyncio.sleep(self._serves_s)
