"""The position a client resumes from is ignored: it gets what the shared cursor has left.

`Last-Event-ID` that the server reads past; what was lost with the answer stays lost.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import Poller
from reference_impl.store.base import View

FAILS = frozenset({"POLL-011"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class CursorPoller(Poller):
    """Knows one position only, its own."""

    async def look(self, job_id: str, *, after: int | None, token: str) -> View | None:
        """Take by the shared cursor, whatever the client asks for."""
        view = await super().look(job_id, after=None, token=token)
        if after is not None and view is not None and view.entries:
            await self.store.confirm(job_id, token=token)
        return view


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = CursorPoller
