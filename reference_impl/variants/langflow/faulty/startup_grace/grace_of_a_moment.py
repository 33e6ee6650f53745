"""The grace is a fixed moment of 800 ms, whatever is set: readers of slow starts end at once.

A constant left from development, read where the setting should be.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"GRACE-001", "GRACE-003", "GRACE-005"})
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


class HastyReader(StreamReader):
    """Waits 800 ms for a first event."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "grace_s": 0.8})


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = HastyReader
