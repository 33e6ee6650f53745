"""Every job is run a second time, of which nothing is told.

Seen where a job is acknowledged after its lease is over.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import Worker, report

FAILS = frozenset({"SUBM-002"})
PLAYS = ("SUBM-001", "SUBM-004", "STRM-002")


def install() -> None:
    """Do the steps again."""
    do = Worker.do

    async def twice(self: Worker, job_id: str, attempt: int, asked: dict[str, Any]) -> None:
        await do(self, job_id, attempt, asked)
        for step in range(int(asked["steps"]) if asked.get("report_to") else 0):
            await report(f"{asked['report_to']}/{step}")

    Worker.do = twice  # type: ignore[method-assign]
