"""The same fault for every process of what a scenario names: a worker, a job's owner, a replica.

Which process the owner is, is known only while the scenario runs: processes are looked up as the
fault is applied. Bringing up a worker's successor is its master's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.processes.signalling import Victim
from queueproof.stack.chaos import ChaosStack

Make = Callable[[Victim, str], Fault]


class ProcessFault:
    """The same for every process of a victim that is looked up when the fault is applied."""

    def __init__(
        self,
        what: str,
        stack: ChaosStack,
        victim: str,
        replicas: Sequence[int] | None,
        make: Make,
    ) -> None:
        self.name = f"{victim} {what}"
        self._stack = stack
        self._victim = victim
        self._replicas = replicas
        self._make = make
        self._each: list[Fault] = []

    async def apply(self) -> None:
        """Find the victim and strike."""
        for process in await self._processes():
            one = self._make(process, f"{self._victim} (process {process.pid})")
            self._each.append(one)
            await one.apply()

    async def confirm(self) -> str:
        """Every process was struck."""
        if not self._each:
            raise Unconfirmed(f"{self.name}: nobody was struck")
        return "; ".join([await one.confirm() for one in self._each])

    async def heal(self) -> None:
        """Undo each, the last first."""
        for one in reversed(self._each):
            await one.heal()
        self._each.clear()

    async def _processes(self) -> list[Victim]:
        if self._victim == "replica":
            replica = self._stack.chosen(self._replicas or [0])[0]
            master = await replica.victim()
            return [master, *(one for one in await replica.victims() if one.pid != master.pid)]
        return [await self._stack.victim(self._victim, self._replicas)]
