"""The grace is waited for twice: once for the key to appear, once for its first entry."""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"GRACE-005"})
PLAYS = ("GRACE-001", "GRACE-003", "STRM-001")


class TwiceWaitingReader(StreamReader):
    """Waits twice."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "grace_s": 2 * parts["grace_s"]})


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = TwiceWaitingReader
