"""Flows of the run that somebody else has removed meanwhile, as who tidies a shared target does.

What a target answers then is right, and accuses it of nothing: the flow is made anew, and that is
told, for a target that loses flows by itself looks the same. A flow that any connection to any URL
still finds was not removed: the target, or one of its workers, has forgotten it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from queueproof.errors import TargetUnreachable
from queueproof.targets.vantage import Vantage

_CONNECTIONS = 3
GONE = 404
#: The status of the answer to a look at the flow.
Look = Callable[[Vantage], Awaitable[int | None]]


class RemovedFlows:
    """Where flows are looked for, and what was found to be removed."""

    def __init__(self) -> None:
        self.remarks: tuple[str, ...] = ()
        self._urls: dict[str, None] = {}

    def may_be_at(self, url: str) -> None:
        """One more address of the deployment."""
        self._urls[url] = None

    async def has_gone(self, name: str, look: Look) -> bool:
        """Whether every connection tells that there is none; noted under its name."""
        seen = [await self._seen(url, look) for url in self._urls for _ in range(_CONNECTIONS)]
        told = [status for status in seen if status is not None]
        if not told or any(status != GONE for status in told):
            return False
        gone = f"{name} was gone while the run used it, and is made anew"
        self.remarks += (f"{gone}: somebody removed it, or it was lost",)
        return True

    async def _seen(self, url: str, look: Look) -> int | None:
        vantage = Vantage(url)
        try:
            return await look(vantage)
        except TargetUnreachable:
            return None
        finally:
            await vantage.close()
