"""What a job is given is cut after 64 kibibytes.

Seen where a column has a length, and the driver is not strict.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-023"})
PLAYS = ("PROM-001", "PROM-022")


def install() -> None:
    """Cut."""
    submit = JobStore.submit

    async def altered(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        answer = str(asked.get("answer") or "")
        given = {**asked, "answer": answer[: 1 << 16]}
        return await submit(self, job_id, owner, given)

    JobStore.submit = altered  # type: ignore[method-assign]
