"""A run of the generic reference that is cancelled: it is over, also where the cancel is lost on
its way, and what is over tells nothing more.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from reference_impl.generic.settings import settings_from
from reference_impl.generic.store import JobStore, redis_of
from reference_impl.generic.worker import Worker

ASKED = {"steps": 1000, "pause_s": 0.01}


class Store:
    """Holds one job, which somebody cancels at once; telling a step loses the first cancel."""

    def __init__(self) -> None:
        self.lost = self.told_after_the_end = 0
        self.finished: list[str] = []

    async def job(self, _id: str) -> dict[str, str]:
        return {"asked": json.dumps(ASKED)}

    async def renew(self, _id: str, _attempt: int) -> str:
        return "cancelled"

    async def tell(self, _id: str, _attempt: int, _event: dict[str, Any]) -> None:
        self.told_after_the_end += len(self.finished)
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            if self.lost:
                raise
            self.lost += 1

    async def finish(self, _id: str, _attempt: int, how: str) -> None:
        self.finished.append(how)


def test_a_cancel_that_a_client_library_loses_is_given_again() -> None:
    store: Any = Store()

    async def run() -> None:
        async with asyncio.timeout(2):
            await Worker(store, settings_from({})).run("job", 1)

    asyncio.run(run())

    assert store.lost == 1
    assert store.finished == ["cancelled"]
    assert store.told_after_the_end == 0


def test_a_run_that_is_over_or_was_taken_over_tells_nothing(redis_port: int) -> None:
    """Whoever holds the job by now tells its events, and nobody once it has ended."""

    async def run() -> tuple[list[bool], list[str]]:
        redis = redis_of(f"redis://127.0.0.1:{redis_port}/5", within_s=2.0)
        store = JobStore(redis, settings_from({"JOBS_PREFIX": "telling:"}))
        await store.submit("job", "ann", ASKED)
        claimed = await store.claim()
        assert claimed == ("job", 1)
        told = [await store.tell("job", attempt, {"type": "step", "step": 0}) for attempt in (1, 2)]
        await store.finish("job", 1, "cancelled")
        told.append(await store.tell("job", 1, {"type": "step", "step": 1}))
        events = [event["type"] for _, event in await store.events_after("job", "0", hold_ms=0)]
        await redis.aclose()
        return told, events

    told, events = asyncio.run(run())

    assert told == [True, False, False]
    assert events == ["step", "cancelled"]
