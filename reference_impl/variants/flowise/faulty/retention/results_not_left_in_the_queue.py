"""A finished job's result is in the database only; the queue is told that it is done."""

from __future__ import annotations

from typing import Any

from bullmq.job import Job

FAILS = frozenset({"RETN-006"})
PLAYS = ("PRED-001", "PRED-003")

_completed = Job.moveToCompleted


async def _done(self: Job, result: Any, token: str, *more: Any) -> Any:
    return await _completed(self, "done", token, *more)


def install() -> None:
    """Say so and no more."""
    Job.moveToCompleted = _done
