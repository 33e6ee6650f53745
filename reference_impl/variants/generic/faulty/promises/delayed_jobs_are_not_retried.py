"""A job that was delayed is not run again when it fails: what it asked for was lost on the way.

Seen where what is due is put into the waiting list anew, from its id and its task alone.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-006"})
PLAYS = ("PROM-004", "PROM-005", "PROM-007", "PROM-008")


def install() -> None:
    """Lose it."""
    submit = JobStore.submit

    async def forgetful(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        kept = {**asked, "retries": 0} if asked.get("delay_s") else asked
        return await submit(self, job_id, owner, kept)

    JobStore.submit = forgetful  # type: ignore[method-assign]
