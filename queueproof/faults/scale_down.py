"""Scaling down: replicas are told to stop, all at once, and come back when healed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from queueproof.executors.executor import Ability
from queueproof.executors.executor_keeper import ExecutorKeeper
from queueproof.executors.workforce import Workforce
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.ended_replica import EndedTogether
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica
from queueproof.waiting import eventually

_STOPS_WITHIN_S = 5.0


@fault("scale_down")
def scale_down(stack: ChaosStack, *, replicas: Sequence[int] = (1,)) -> Fault:
    """These replicas are told to stop together; by a smaller number where a cluster keeps them."""
    gone, workforce = stack.chosen(replicas), stack.workforce
    kept = all(isinstance(replica.keeper, ExecutorKeeper) for replica in gone)
    if kept and workforce is not None and _scales(workforce):
        return ScaledWorkload(workforce, gone)
    return EndedTogether(f"scaled down by {len(gone)}", gone, graceful=True)


class ScaledWorkload:
    """The executor keeps fewer; which ones go is its choice, and must be those that were meant.

    Of workers beside a front none may be left; what serves itself keeps one at least.
    """

    def __init__(self, workforce: Workforce, gone: Sequence[Replica]) -> None:
        self.name = f"scaled down by {len(gone)}"
        self._workforce = workforce
        self._gone = gone
        self._least = 0 if all(replica.label for replica in gone) else 1
        self._before = 0
        self._scaling: asyncio.Task[None] | None = None

    async def apply(self) -> None:
        """Tell it the number; what those that go do meanwhile is of interest."""
        self._before = await self._workforce.ready()
        number = self._before - len(self._gone)
        if number < self._least:
            raise Unconfirmed(f"{self.name}: only {self._before} are ready, too few would be left")
        self._scaling = asyncio.create_task(self._workforce.executor.scale(number))

    async def confirm(self) -> str:
        """Those that were meant serve no more."""
        if self._scaling is not None:
            await self._scaling

        async def left() -> list[str]:
            return [replica.name for replica in self._gone if await replica.serving()]

        # One that was told to stop may serve a moment longer.
        wrong, went = await eventually(left, lambda names: not names, within_s=_STOPS_WITHIN_S)
        if not went:
            raise Unconfirmed(f"{self.name}: {', '.join(wrong)} serves on, another one went")
        return f"{', '.join(replica.name for replica in self._gone)} went"

    async def heal(self) -> None:
        """Scale up again, and see that they serve."""
        if self._scaling is None:
            return
        await asyncio.gather(self._scaling, return_exceptions=True)
        await self._workforce.executor.scale(self._before)
        for replica in self._gone:
            await replica.await_service()
        self._scaling = None


def _scales(workforce: Workforce) -> bool:
    """Whether the executor keeps the number by itself, as a cluster does."""
    return {Ability.SCALE, Ability.REPLACE} <= workforce.executor.abilities
