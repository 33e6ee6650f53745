"""A rolling restart, as a deployment of a new version makes it: one replica after another is told
to stop, and the next one's turn comes when it serves again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.executors.executor import Ability
from queueproof.executors.workforce import Workforce
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.ended_replica import EndedReplica
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica


@fault("rolling_restart")
def rolling_restart(stack: ChaosStack, *, replicas: Sequence[int] | None = None) -> Fault:
    """Every replica in turn is stopped gracefully and started again, as its executor does it."""
    workforce = stack.workforce
    if replicas is None and workforce is not None and _rolls(workforce):
        return RolledWorkload(workforce, stack.chosen(None))
    return RolledReplicas(stack.chosen(replicas))


class RolledReplicas:
    """Stops and starts the replicas one by one; it lasts as long as that takes."""

    def __init__(self, replicas: Sequence[Replica]) -> None:
        self.name = "rolling restart"
        self._replicas = replicas
        self._told: list[str] = []
        self._rolling: asyncio.Task[None] | None = None

    async def apply(self) -> None:
        """Begin with the first."""
        for replica in self._replicas:
            replica.keeper.must_be_startable()
        self._told = []
        self._rolling = asyncio.create_task(self._roll())

    async def confirm(self) -> str:
        """Wait until the last one's turn is over; each was seen to end."""
        if self._rolling is not None:
            await self._rolling
        if len(self._told) < len(self._replicas):
            raise Unconfirmed(f"{self.name}: {len(self._told)} of {len(self._replicas)} ended")
        return "one after another: " + "; ".join(self._told)

    async def heal(self) -> None:
        """Let the one whose turn it is come back, and stop no other."""
        if self._rolling is not None:
            rolling, self._rolling = self._rolling, None
            await asyncio.gather(rolling, return_exceptions=True)

    async def _roll(self) -> None:
        for replica in self._replicas:
            ended = EndedReplica(replica, graceful=True)
            try:
                await ended.apply()
                said = await ended.confirm()
            finally:
                await ended.heal()
            self._told.append(said)


class RolledWorkload:
    """Has the executor restart what it keeps, in its own way."""

    def __init__(self, workforce: Workforce, replicas: Sequence[Replica]) -> None:
        self.name = f"rolling restart of the {workforce.noun}s"
        self._workforce = workforce
        self._replicas = replicas
        self._before: frozenset[str] = frozenset()
        self._rolling: asyncio.Task[None] | None = None

    async def apply(self) -> None:
        """Tell the executor."""
        self._before = await self._lives()
        self._rolling = asyncio.create_task(self._workforce.executor.roll())

    async def confirm(self) -> str:
        """Wait until it is over; none of those that ran before runs now."""
        if self._rolling is not None:
            await self._rolling
        left = len(self._before & await self._lives())
        if left or not self._before:
            raise Unconfirmed(f"{self.name}: {left} of {len(self._before)} run as before")
        return f"all {len(self._before)} {self._workforce.noun}s were restarted"

    async def heal(self) -> None:
        """Wait until it is over, and every replica serves."""
        if self._rolling is not None:
            rolling, self._rolling = self._rolling, None
            await asyncio.gather(rolling, return_exceptions=True)
            for replica in self._replicas:
                await replica.await_service()

    async def _lives(self) -> frozenset[str]:
        instances = await self._workforce.executor.instances()
        return frozenset(one.life for one in instances if one.life)


def _rolls(workforce: Workforce) -> bool:
    """Whether the executor has a way of its own, as a cluster has."""
    return {Ability.ROLL, Ability.REPLACE} <= workforce.executor.abilities
