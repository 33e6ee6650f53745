"""A result can be asked for a second after the job's end was told."""

from __future__ import annotations

import asyncio
from typing import Any

from reference_impl.generic.worker import Worker, insisting

SCENARIOS: dict[str, frozenset[str]] = {"CHAOS-201": frozenset(), "CHAOS-211": frozenset()}
_LATER_S = 1.0


def install() -> None:
    """Write it later."""
    ended = Worker.ended

    async def later(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        await ended(self, job_id, attempt, {**asked, "answer": ""}, error)
        key = self.store.key("job:", job_id)
        if (
            error is None
            and await insisting(lambda: self.store.redis.hget(key, "state")) == "finished"
        ):
            await asyncio.sleep(_LATER_S)
            answer = str(asked.get("answer") or "")
            await insisting(lambda: self.store.redis.hset(key, "result", answer))

    Worker.ended = later  # type: ignore[method-assign]
