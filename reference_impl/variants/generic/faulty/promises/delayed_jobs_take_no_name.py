"""A job that is delayed does not take its name: a second one of that name is taken as well.

Seen where it was taken as a job came to the waiting list, and delayed ones came there otherwise.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-024"})
PLAYS = ("PROM-004", "PROM-025")


def install() -> None:
    """Take none."""
    unique_key = JobStore.unique_key

    def unless_delayed(self: JobStore, owner: str, asked: dict[str, Any]) -> str:
        return "" if asked.get("delay_s") else unique_key(self, owner, asked)

    JobStore.unique_key = unless_delayed  # type: ignore[method-assign]
