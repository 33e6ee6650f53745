"""A poll brings two events at most, and is held for no moment."""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

PLAYS = ("POLL-001..003", "POLL-005", "POLL-011", "POLL-012", "SUBM-002")


def install() -> None:
    """Bring few."""
    events_after = JobStore.events_after

    async def two(
        self: JobStore, job_id: str, after: str, *, hold_ms: int
    ) -> list[tuple[str, Any]]:
        return (await events_after(self, job_id, after, hold_ms=min(hold_ms, 20)))[:2]

    JobStore.events_after = two  # type: ignore[method-assign]
