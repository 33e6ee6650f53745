"""A job that failed once is told to have failed, though a later run succeeded.

Seen where the first error of a job is kept as its end.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import Worker

FAILS = frozenset({"PROM-007"})
PLAYS = ("PROM-006", "PROM-008")


def install() -> None:
    """Remember the first error."""
    ended = Worker.ended

    async def unforgiving(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        if error is None and attempt > 1:
            asked, error = {**asked, "retries": 0}, RuntimeError("it failed before")
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = unforgiving  # type: ignore[method-assign]
