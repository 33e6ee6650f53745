"""A reader that dropped its connection is counted as reading, for good.

The wrapper is taken out where a stream has come to its end, and a client that leaves first takes
another way out: the ``else`` that should have been a ``finally``.
"""

from __future__ import annotations

from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.langflow.readers_count import ReadersCount
from reference_impl.store.base import Record

FAILS = frozenset({"MONI-007"})
PLAYS = ("MONI-002", "CANC-010", "CANC-011")


class Forgetful(Canceller):
    """Sees to the build of a client that left, and not to the client's wrapper."""

    readers: ReadersCount

    def client_left(self, record: Record) -> None:
        """Cancel; the reader stays on the books."""
        super().client_left(record)
        self.readers.now += 1


class VariantAssembly(Assembly):
    """Counts who was there."""

    canceller_class = Forgetful

    @cached_property
    def canceller(self) -> Canceller:
        """Cancelling for clients, with the books in reach."""
        canceller = super().canceller
        assert isinstance(canceller, Forgetful)
        canceller.readers = self.readers
        return canceller
