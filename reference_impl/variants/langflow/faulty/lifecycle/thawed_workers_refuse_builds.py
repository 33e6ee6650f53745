"""A worker that counted as dead refuses every build when it is back: it waits to be replaced.

It has seen that its lease had run out. Nobody replaces a process that lives, and every third submit
is answered 503.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.caretaker import Caretaker
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import StoreUnavailable
from reference_impl.store.keeper import Kept

FAILS = frozenset({"LIFE-003"})
PLAYS = ("LIFE-002", "LIFE-011")
#: A lease is renewed four times, and two renewals missed are a gap.
LEASE_IN_GAPS = 2


class ClosedDesk(BuildDesk):
    """Takes nothing once it is closed."""

    closed = False

    async def submit(self, *, user_id: str, graph: Mapping[str, Any]) -> Job:
        """Refuse."""
        if self.closed:
            raise StoreUnavailable("this worker counts as dead")
        return await super().submit(user_id=user_id, graph=graph)


class ClosingCaretaker(Caretaker):
    """Closes the desk when a renewal comes too late."""

    def kept(self, kept: Kept) -> None:
        """Look at the gap before it."""
        if kept.gap is not None and kept.gap[1] - kept.gap[0] > LEASE_IN_GAPS * kept.late_s:
            self.desk.closed = True  # type: ignore[attr-defined]
        super().kept(kept)


class VariantAssembly(Assembly):
    """Waits to be replaced."""

    desk_class = ClosedDesk
    caretaker_class = ClosingCaretaker
