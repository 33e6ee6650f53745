"""Two unique names that begin alike are one.

Seen where a column or a hash keeps the first forty characters.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-029"})
PLAYS = ("PROM-024", "PROM-026")
_KEPT = 40


def install() -> None:
    """Cut."""
    unique_key = JobStore.unique_key

    def short(self: JobStore, owner: str, asked: dict[str, Any]) -> str:
        name = str(asked.get("unique") or "")[:_KEPT]
        return unique_key(self, owner, {**asked, "unique": name})

    JobStore.unique_key = short  # type: ignore[method-assign]
