"""A job that fails is run again once less than was asked.

Seen where attempts are counted as retries.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import Worker

FAILS = frozenset({"PROM-006"})
PLAYS = ("PROM-007", "PROM-008")


def install() -> None:
    """Count the first run among the retries."""
    ended = Worker.ended

    async def sooner(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        fewer = {**asked, "retries": (asked.get("retries") or 0) - 1}
        await ended(self, job_id, attempt, fewer, error)

    Worker.ended = sooner  # type: ignore[method-assign]
