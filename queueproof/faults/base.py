"""What a fault is: it is applied, proven to have bitten, and healed, whatever happens between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from queueproof.errors import Inconclusive
from queueproof.history import History
from queueproof.targets.asking import as_it_comes


class Unconfirmed(Inconclusive):
    """A fault without a proven effect: whatever was seen meanwhile proves nothing."""


class Fault(Protocol):
    """One disturbance of the target's surroundings."""

    name: str

    async def apply(self) -> None:
        """Begin to disturb."""

    async def confirm(self) -> str:
        """The evidence that it bit, in a line; raises Unconfirmed when there is none.

        Asked while the fault lasts, at the end of that time.
        """

    async def heal(self) -> None:
        """End the disturbance, and know that it ended; safe to call twice.

        Raises HarnessError when it could not be ended.
        """


Kind = TypeVar("Kind", bound=Fault)


@asynccontextmanager
async def injected(fault: Kind, history: History) -> AsyncIterator[Kind]:
    """Apply `fault` for the body's duration.

    The effect is confirmed at the end of a body that did not raise, so that a fault which only
    shows when somebody runs into it has had its chance. Healing happens in any case. What the body
    asks is asked once: while something is broken, a front's error page is what clients get.
    """
    history.note("fault", f"{fault.name} applied")
    try:
        await fault.apply()
        with as_it_comes():
            yield fault
        history.note("fault", f"{fault.name} confirmed: {await fault.confirm()}")
    finally:
        await fault.heal()
        history.note("fault", f"{fault.name} healed")
