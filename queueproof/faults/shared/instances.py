"""Instances of an executor (containers, pods, programs) that are ended, or frozen and thawed.

No process needs to be known. That an instance was ended is proven by the executor's own list, or by
what it serves: it serves no more.
"""

from __future__ import annotations

import asyncio

from queueproof.errors import HarnessError
from queueproof.executors.executor import Ability, Instance
from queueproof.executors.workforce import Workforce
from queueproof.faults.base import Unconfirmed
from queueproof.stack.journal import Journal, Undo
from queueproof.waiting import eventually

#: A pod that is deleted at once has two seconds and what the cluster takes to act.
_ENDED_WITHIN_S = 20.0
_SERVES_WITHIN_S = 240.0
_STANDS_WITHIN_S = 10.0


class EndedInstance:
    """Kills an instance, or stops it gracefully; it is started again when healed.

    `url` is where it serves, where that is known. A kill returns when the instance has ended, so
    that what a bound counts from is its end and not the command's.
    """

    def __init__(
        self, workforce: Workforce, instance: Instance, *, url: str, graceful: bool
    ) -> None:
        self._called = f"{workforce.noun} {instance.name}"
        self.name = f"{self._called} {'asked to stop' if graceful else 'killed'}"
        self._workforce = workforce
        self._instance = instance
        self._url = url
        self._graceful = graceful
        self._evidence = ""
        self._ending: asyncio.Task[None] | None = None
        self._applied = False
        self._number = 0

    async def apply(self) -> None:
        """End it; a graceful stop is not waited for: what it does meanwhile is of interest."""
        workforce, name = self._workforce, self._instance.name
        workforce.require(Ability.STOP if self._graceful else Ability.KILL)
        workforce.require(Ability.START)
        if self._url and not await workforce.serves(self._url):
            raise Unconfirmed(f"{self.name}: it does not serve even before")
        self._number = await workforce.ready()
        self._applied = True
        if self._graceful:
            self._ending = asyncio.create_task(workforce.executor.stop(name))
            return
        await workforce.executor.kill(name)
        self._evidence, _ = await eventually(self._effect, bool, within_s=_ENDED_WITHIN_S)

    async def confirm(self) -> str:
        """It has ended, or (graceful) was told to end."""
        if self._ending is not None:
            if self._ending.done():
                await self._ending
            return await self._effect() or f"{self._called} was told to stop"
        if not self._evidence:
            raise Unconfirmed(f"{self.name}: it goes on")
        return self._evidence

    async def heal(self) -> None:
        """Wait for its end, start it where nothing else does, and see that it serves.

        A stop that failed is told when that is done: what it has half ended is brought back first.
        """
        if not self._applied:
            return
        if self._ending is not None:
            await asyncio.wait({self._ending})
        workforce = self._workforce
        replaces = Ability.REPLACE in workforce.executor.abilities
        if not replaces or await workforce.current(self._instance.name):
            await workforce.executor.start(self._instance.name)
        if not await self._back():
            raise HarnessError(f"{self._called} was started again, but does not serve")
        self._applied = False
        if self._ending is not None:
            await self._ending

    async def _effect(self) -> str:
        if await self._workforce.ended(self._instance):
            return f"{self._called} has ended"
        if self._url and not await self._workforce.serves(self._url):
            return f"{self._called} serves no more at {self._url}"
        return ""

    async def _back(self) -> bool:
        async def whole() -> bool:
            if await self._workforce.ready() < self._number:
                return False
            return not self._url or await self._workforce.serves(self._url)

        _, back = await eventually(whole, bool, within_s=_SERVES_WITHIN_S)
        return back


class FrozenInstance:
    """Has an instance stand still until healed: it is there, and answers nothing."""

    def __init__(
        self,
        workforce: Workforce,
        instance: Instance,
        *,
        url: str,
        journal: Journal | None = None,
    ) -> None:
        self._called = f"{workforce.noun} {instance.name}"
        self.name = f"{self._called} frozen"
        self._workforce = workforce
        self._instance = instance
        self._url = url
        self._journal = journal
        self._note: int | None = None
        self._applied = False

    async def apply(self) -> None:
        """Freeze; a run that is killed meanwhile leaves a note for the next."""
        self._workforce.require(Ability.FREEZE)
        if self._url and not await self._workforce.serves(self._url):
            raise Unconfirmed(f"{self.name}: it does not serve even before")
        if self._journal is not None:
            self._note = self._journal.note(Undo("frozen", self._called, {"url": self._url}))
        self._applied = True
        await self._workforce.executor.freeze(self._instance.name)

    async def confirm(self) -> str:
        """It answers nothing, or the executor lists it as standing still."""
        said, _ = await eventually(self._effect, bool, within_s=_STANDS_WITHIN_S)
        if not said:
            raise Unconfirmed(f"{self.name}: it goes on")
        return said

    async def heal(self) -> None:
        """Thaw, and see that it serves."""
        if not self._applied:
            return
        await self._workforce.executor.thaw(self._instance.name)
        if self._url and not await self._workforce.serving_again(
            self._url, within_s=_SERVES_WITHIN_S
        ):
            raise HarnessError(f"{self._called} was thawed, but does not serve")
        self._applied = False
        if self._journal is not None and self._note is not None:
            self._journal.done(self._note)

    async def _effect(self) -> str:
        if await self._workforce.ended(self._instance):
            return f"{self._called} stands still"
        if self._url and not await self._workforce.serves(self._url):
            return f"{self._called} answers nothing at {self._url}"
        return ""
