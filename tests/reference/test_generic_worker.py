"""A run of the generic reference whose cancel is lost on its way is over all the same."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from reference_impl.generic.settings import settings_from
from reference_impl.generic.worker import Worker

ASKED = {"steps": 1000, "pause_s": 0.01}


class Store:
    """Holds one job, which somebody cancels at once; telling a step loses the first cancel."""

    def __init__(self) -> None:
        self.lost = 0
        self.finished: list[str] = []

    async def job(self, _id: str) -> dict[str, str]:
        return {"asked": json.dumps(ASKED)}

    async def renew(self, _id: str, _attempt: int) -> str:
        return "cancelled"

    async def tell(self, _id: str, _event: dict[str, Any]) -> None:
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
