"""A reader of a stream that does not appear waits for ever: a blocking read without a deadline."""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import SLICE_S, StreamReader

FAILS = frozenset({"GRACE-002", "GRACE-004", "GRACE-005"})
PLAYS = (
    "GRACE-001",
    "GRACE-003",
    "GRACE-008",
    "GRACE-010",
    "GRACE-002",
    "GRACE-006",
    "STRM-001",
    "POLL-001",
)


class FaithfulReader(StreamReader):
    """Never gives a job up."""

    def check_grace(self, arrived: float) -> float:
        """There is always a little left."""
        return SLICE_S


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = FaithfulReader
