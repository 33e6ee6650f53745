"""A job whose worker was lost is run again and completes, and its result is nowhere.

Seen where a result is written under the first run's token, which nobody asks for any more.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.altered_scripts import exchange_in_script
from reference_impl.generic.worker import Worker, insisting

OLD = "    redis.call('HSET', job, 'state', 'waiting')"
NEW = "    redis.call('HSET', job, 'state', 'waiting', 'lost', '1')"
SCENARIOS = {"CHAOS-201": frozenset({"OUTG-011"})}


def install() -> None:
    """Keep no result of what was lost once."""
    exchange_in_script("promote", OLD, NEW)
    ended = Worker.ended

    async def without(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        key = self.store.key("job:", job_id)
        if await insisting(lambda: self.store.redis.hget(key, "lost")):
            asked = {**asked, "answer": ""}
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = without  # type: ignore[method-assign]
