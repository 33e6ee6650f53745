"""Of a delay its whole seconds are kept: half a second is none.

Seen where the time at which a job is due is an integer, the score of a sorted set.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-004"})
PLAYS = ("PROM-005", "PROM-019")


def install() -> None:
    """Cut them."""
    submit = JobStore.submit

    async def early(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        cut = {**asked, "delay_s": int(asked.get("delay_s") or 0)}
        return await submit(self, job_id, owner, cut)

    JobStore.submit = early  # type: ignore[method-assign]
