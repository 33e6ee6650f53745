"""Whatever is not urgent waits in one line: the middle priority is served as the lowest."""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-009"})
PLAYS = ("PROM-010",)


def install() -> None:
    """Lower them."""
    submit = JobStore.submit

    async def lowered(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        if asked.get("priority") == "normal":
            asked = {**asked, "priority": "low"}
        return await submit(self, job_id, owner, asked)

    JobStore.submit = lowered  # type: ignore[method-assign]
