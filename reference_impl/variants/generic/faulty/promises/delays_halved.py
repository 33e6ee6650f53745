"""Delays are half as long as asked.

Seen where milliseconds and ticks of half a second were mixed up.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-004"})
PLAYS = ("PROM-005",)


def install() -> None:
    """Halve them."""
    submit = JobStore.submit

    async def early(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        halved = {**asked, "delay_s": (asked.get("delay_s") or 0.0) / 2}
        return await submit(self, job_id, owner, halved)

    JobStore.submit = early  # type: ignore[method-assign]
