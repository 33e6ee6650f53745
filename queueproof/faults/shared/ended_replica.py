"""A whole replica that is ended, by its owner's command or by signals, and started again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from queueproof.errors import CaseOutcome, HarnessError, Inconclusive, NotAssessed
from queueproof.faults.base import Unconfirmed
from queueproof.faults.shared.signalled_process import gone, stopped
from queueproof.processes.signalling import Process
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.replica import Replica
from queueproof.waiting import eventually

_DRAINED_WITHIN_S = 60.0
_STOPS_WITHIN_S = 5.0
_ENDED_WITHIN_S = 20.0

#: What a scenario may name that is in a replica; a job's owner may be in any.
IN_A_REPLICA = ("worker", "replica")


def ends_as_a_whole(
    stack: ChaosStack, process: str, replicas: Sequence[int] | None, *, graceful: bool
) -> bool:
    """Whether the whole replica is ended: also for a worker, where no process is known."""
    if process not in IN_A_REPLICA:
        return False
    keeper = stack.chosen(replicas or [0])[0].keeper
    alone = not keeper.knows_process and keeper.ends_by_command(graceful=graceful)
    return process == "replica" or alone


class EndedReplica:
    """Master and workers end; healing starts the replica again at its address.

    By the owner's command where one is declared: then no process needs to be known, and what shows
    the effect is that it serves no more. Else by signals.
    """

    def __init__(self, replica: Replica, *, graceful: bool) -> None:
        self.name = f"{replica.name} {'asked to stop' if graceful else 'killed'}"
        self._replica = replica
        self._graceful = graceful
        self._by_command = replica.keeper.ends_by_command(graceful=graceful)
        self._process: Process | None = None
        self._ending: asyncio.Task[None] | None = None
        self._applied = False
        self._seen = ""

    async def apply(self) -> None:
        """Kill, or ask and do not wait: what it does while it drains is of interest.

        After a kill by command it is seen at once that it serves no more: a successor may come.
        """
        self._replica.keeper.must_be_startable()
        self._process = await self._known()
        if self._by_command and not await self._replica.serving():
            raise Unconfirmed(f"{self.name}: it does not serve even before")
        self._applied, self._replica.expected_up = True, False
        if self._graceful and self._by_command:
            self._ending = asyncio.create_task(self._replica.stop())
        elif self._graceful:
            await stopped(await self._replica.victim(), self._replica.name).apply()
        else:
            await self._killed()
            if self._by_command:
                self._seen, _ = await eventually(self._effect, bool, within_s=_ENDED_WITHIN_S)

    async def confirm(self) -> str:
        """The process is gone, or it serves no more."""
        if self._seen:
            return self._seen
        if self._ending is not None and self._ending.done():
            await self._ending
        said, _ = await eventually(self._effect, bool, within_s=_STOPS_WITHIN_S)
        if not said:
            raise Unconfirmed(f"{self.name}: it serves on")
        return said

    async def heal(self) -> None:
        """Wait for its end and start it again.

        What was asked to stop and does not is killed, as an operator would; nothing is judged then.
        """
        if not self._applied:
            return
        if self._ending is not None:
            await self._ending
        stuck = not self._seen and not await self._is_over()
        if stuck and self._by_command:
            raise HarnessError(f"{self.name}: {self._named} does not end")
        if stuck:
            await self._killed()
            await self._is_over()
        await self._replica.start()
        self._applied, self._ending, self._seen = False, None, ""
        if stuck:
            raise Inconclusive(
                f"{self.name}: {self._named} did not end within {_DRAINED_WITHIN_S:.0f} s of that, "
                "and was killed"
            )

    async def _killed(self) -> None:
        try:
            await self._replica.kill()
        except NotAssessed:  # nothing was done to it
            self._applied, self._replica.expected_up = False, True
            raise

    @property
    def _named(self) -> str:
        return f"process {self._process.pid}" if self._process else self._replica.name

    async def _known(self) -> Process | None:
        """Its process, to be signalled, or (ended by command) to be watched where it is known."""
        if not self._by_command:
            return await self._replica.victim()
        with suppress(CaseOutcome, HarnessError):
            pid = await self._replica.keeper.master_pid()
            return None if pid is None else Process(pid)
        return None

    async def _is_over(self) -> bool:
        return (await eventually(self._over, bool, within_s=_DRAINED_WITHIN_S))[1]

    async def _over(self) -> bool:
        """Whether it can be started again."""
        if self._process is not None and gone(self._process):
            return True
        if not self._by_command:
            return False
        return await self._replica.keeper.gone() or not await self._replica.serving()

    async def _effect(self) -> str:
        if self._process is not None and gone(self._process):
            return f"{self._named} is gone"
        if await self._replica.keeper.gone():
            return f"{self._named} has ended"
        if self._graceful and self._replica.label and not self._by_command:
            return f"{self._named} was told to stop and finishes what it has"
        if (self._graceful or self._by_command) and not await self._replica.serving():
            return f"{self._named} takes no new connection"
        return ""


class EndedTogether:
    """Several replicas that are ended at the same moment, and started again together."""

    def __init__(self, name: str, replicas: Sequence[Replica], *, graceful: bool) -> None:
        self.name = name
        self._each = [EndedReplica(replica, graceful=graceful) for replica in replicas]

    async def apply(self) -> None:
        """End all of them."""
        await asyncio.gather(*(one.apply() for one in self._each))

    async def confirm(self) -> str:
        """Each has ended, or takes nothing new."""
        return "; ".join([await one.confirm() for one in self._each])

    async def heal(self) -> None:
        """Start them again."""
        await asyncio.gather(*(one.heal() for one in self._each))
