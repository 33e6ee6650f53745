"""A cancel that Redis refuses to publish leaves no trace in ``publish_errors``.

The client gets its 503; the counter sits in an ``except`` for connection errors, and a refused
command (no permission, out of memory, read-only replica) is not one.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.store.base import Record, StoreUnavailable

FAILS = frozenset({"MONI-014"})
PLAYS = ("MONI-003", "MONI-010")


class Narrow(Canceller):
    """Expects one kind of trouble."""

    async def publish(self, record: Record, *, reason: str) -> None:
        """Publish; let trouble through uncounted."""
        counted = self.stats.publish_errors
        try:
            await super().publish(record, reason=reason)
        except StoreUnavailable:
            self.stats.publish_errors = counted
            raise


class VariantAssembly(Assembly):
    """Does not count refused publishes."""

    canceller_class = Narrow
