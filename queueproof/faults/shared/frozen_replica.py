"""A whole replica that stands still, by its executor or its owner's commands, until healed."""

from __future__ import annotations

from queueproof.errors import HarnessError
from queueproof.faults.base import Unconfirmed
from queueproof.stack.journal import Journal, Undo
from queueproof.stack.replica import Replica
from queueproof.waiting import eventually

_STANDS_WITHIN_S = 10.0
_GOES_ON_WITHIN_S = 30.0


class FrozenReplica:
    """Frozen and thawed without a process id; that it answers nothing is the proof."""

    def __init__(self, replica: Replica, *, journal: Journal) -> None:
        self.name = f"{replica.name} frozen"
        self._replica = replica
        self._journal = journal
        self._note: int | None = None
        self._frozen = False

    async def apply(self) -> None:
        """Freeze; a run that is killed meanwhile leaves a note for the next."""
        if not await self._replica.serving():
            raise Unconfirmed(f"{self.name}: it does not serve even before")
        keeper = self._replica.keeper
        self._note = self._journal.note(Undo("frozen", keeper.told, {"url": self._replica.url}))
        self._frozen = True
        await keeper.freeze()

    async def confirm(self) -> str:
        """It answers nothing, or is listed as standing still."""
        said, _ = await eventually(self._effect, bool, within_s=_STANDS_WITHIN_S)
        if not said:
            raise Unconfirmed(f"{self.name}: it goes on")
        return said

    async def heal(self) -> None:
        """Thaw, and see that it serves."""
        if not self._frozen:
            return
        await self._replica.keeper.thaw()
        _, serves = await eventually(self._replica.serving, bool, within_s=_GOES_ON_WITHIN_S)
        if not serves:
            raise HarnessError(f"{self._replica.name} was thawed, but does not serve")
        self._frozen = False
        if self._note is not None:
            self._journal.done(self._note)

    async def _effect(self) -> str:
        if await self._replica.keeper.gone():
            return f"{self._replica.name} stands still"
        return "" if await self._replica.serving() else f"{self._replica.name} answers nothing"
