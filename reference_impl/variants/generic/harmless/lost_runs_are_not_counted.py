"""A run that is lost with its worker takes none of the retries: as many runs as asked for fail."""

from __future__ import annotations

from typing import Any

from reference_impl.generic.altered_scripts import exchange_in_script
from reference_impl.generic.worker import Worker, insisting

OLD = "    redis.call('HSET', job, 'state', 'waiting')"
NEW = "    redis.call('HSET', job, 'state', 'waiting')\n    redis.call('HINCRBY', job, 'lost', 1)"
SCENARIOS: dict[str, frozenset[str]] = {"CHAOS-230": frozenset()}


def install() -> None:
    """Give a retry more for each."""
    exchange_in_script("promote", OLD, NEW)
    ended = Worker.ended

    async def forgiving(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        key = self.store.key("job:", job_id)
        lost = int(await insisting(lambda: self.store.redis.hget(key, "lost")) or 0)
        asked = {**asked, "retries": int(asked.get("retries") or 0) + lost}
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = forgiving  # type: ignore[method-assign]
