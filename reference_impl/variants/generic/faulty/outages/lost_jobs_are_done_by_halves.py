"""A job whose worker was lost is run again to its half, and told to have completed.

Seen where a job goes on from what was noted of it, and the note is ahead of the work.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.altered_scripts import exchange_in_script
from reference_impl.generic.worker import Worker, insisting

OLD = "    redis.call('HSET', job, 'state', 'waiting')"
NEW = "    redis.call('HSET', job, 'state', 'waiting', 'lost', '1')"
FAILS = frozenset({"WORK-007"})
PLAYS = ("WORK-006",)
SCENARIOS = {"CHAOS-201": frozenset({"OUTG-001"})}


def install() -> None:
    """Do half of it."""
    exchange_in_script("promote", OLD, NEW)
    do = Worker.do

    async def half(self: Worker, job_id: str, attempt: int, asked: dict[str, Any]) -> None:
        key = self.store.key("job:", job_id)
        if await insisting(lambda: self.store.redis.hget(key, "lost")):
            asked = {**asked, "steps": (int(asked["steps"]) + 1) // 2}
        await do(self, job_id, attempt, asked)

    Worker.do = half  # type: ignore[method-assign]
