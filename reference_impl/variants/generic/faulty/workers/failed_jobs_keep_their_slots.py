"""A worker's slot is not given back when its job fails.

As dramatiq 2.0.0 did with actors that raise a TimeoutError (dramatiq#791).
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import Worker

FAILS = frozenset({"WORK-010"})
PLAYS = ()
SETTINGS = {"JOBS_SLOTS": "3"}


def install() -> None:
    """Hold it until the worker stops."""
    ended = Worker.ended

    async def holding(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        await ended(self, job_id, attempt, asked, error)
        if error is not None:
            await self.stopping.wait()

    Worker.ended = holding  # type: ignore[method-assign]
