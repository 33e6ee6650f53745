"""Two unique names that differ in the case of their letters are one.

Seen where names are kept in a database whose collation makes no difference between them.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-029"})
PLAYS = ("PROM-024", "PROM-026")


def install() -> None:
    """Fold them."""
    unique_key = JobStore.unique_key

    def folded(self: JobStore, owner: str, asked: dict[str, Any]) -> str:
        name = str(asked.get("unique") or "").casefold()
        return unique_key(self, owner, {**asked, "unique": name})

    JobStore.unique_key = folded  # type: ignore[method-assign]
