"""A delay of more than 24.8 days is more milliseconds than a timer takes: the job begins at once.

Seen where a delay is a timer of Node.js.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-004"})
PLAYS = ("PROM-005",)
_MOST_MS = 2**31 - 1


def install() -> None:
    """Overflow."""
    submit = JobStore.submit

    async def overflowing(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        if 1000 * float(asked.get("delay_s") or 0.0) > _MOST_MS:
            asked = {**asked, "delay_s": 0.0}
        return await submit(self, job_id, owner, asked)

    JobStore.submit = overflowing  # type: ignore[method-assign]
