"""What a job is given arrives in ASCII, with question marks for the rest.

Seen where a serialiser was chosen for its speed.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-022"})
PLAYS = ("PROM-001", "PROM-023")


def install() -> None:
    """Replace what is not."""
    submit = JobStore.submit

    async def altered(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        answer = str(asked.get("answer") or "")
        given = {**asked, "answer": answer.encode("ascii", "replace").decode()}
        return await submit(self, job_id, owner, given)

    JobStore.submit = altered  # type: ignore[method-assign]
