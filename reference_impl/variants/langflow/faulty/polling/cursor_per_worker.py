"""Each worker polls with a cursor of its own (Langflow 1.13: ten ticks came as 21 deliveries).

The position lives in the worker's memory, so that polls which land elsewhere begin anew.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import Poller
from reference_impl.store.base import View

FAILS = frozenset({"POLL-003"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class ForgetfulPoller(Poller):
    """Remembers positions by itself instead of asking the store."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._positions: dict[str, int] = {}

    async def look(self, job_id: str, *, after: int | None, token: str) -> View | None:
        """Read behind what this worker has delivered."""
        if after is not None:
            return await super().look(job_id, after=after, token=token)
        view = await self.store.read(job_id, after=self._positions.get(job_id, 0))
        if view is not None and view.entries:
            self._positions[job_id] = view.entries[-1].position
        return view


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = ForgetfulPoller
