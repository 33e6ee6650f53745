"""Every job waits in the same line.

Seen where the queue's broker knows no priorities and says nothing of it.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-009"})
PLAYS = ("PROM-010",)


def install() -> None:
    """Forget which was asked for."""
    submit = JobStore.submit

    async def alike(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        return await submit(self, job_id, owner, {**asked, "priority": "normal"})

    JobStore.submit = alike  # type: ignore[method-assign]
