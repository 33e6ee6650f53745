"""A grace of 0 counts as not set, and the default applies (`setting or 30.0`)."""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"GRACE-004"})
PLAYS = ("GRACE-001", "GRACE-004", "GRACE-008", "GRACE-009", "STRM-001")
DEFAULT_S = 30.0


class FallingBackReader(StreamReader):
    """Takes nothing for unset."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "grace_s": parts["grace_s"] or DEFAULT_S})


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = FallingBackReader
