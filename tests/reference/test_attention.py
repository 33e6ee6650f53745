"""A reader is there from when it comes to when it leaves."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from typing import Any

from reference_impl.langflow.attention import Attention
from reference_impl.langflow.counters import CancelStats


class Heartbeats:
    """Notes when each was written."""

    def __init__(self) -> None:
        self.at_s: list[float] = []

    async def touch(self, _: str) -> None:
        self.at_s.append(time.monotonic())


async def read_for(lasted_s: float, *, threshold_s: float) -> tuple[list[float], float]:
    """When heartbeats were written and when the reader left, from its coming on."""
    store: Any = Heartbeats()
    attention = Attention(store=store, stats=CancelStats(), threshold_s=threshold_s)
    came_s = time.monotonic()
    with attention.watch("job"):
        await asyncio.sleep(lasted_s)
    left_s = time.monotonic()
    await asyncio.gather(*attention._tasks)
    return [at_s - came_s for at_s in store.at_s], left_s - came_s


def test_a_reader_that_was_kept_waiting_was_there_until_it_left() -> None:
    written, left_s = asyncio.run(read_for(0.5, threshold_s=4.0))

    assert len(written) == 2
    assert written[-1] >= left_s


def test_a_reader_that_goes_at_once_is_written_down_once() -> None:
    written, _ = asyncio.run(read_for(0.0, threshold_s=4.0))

    assert len(written) == 1


def test_a_reader_that_stays_is_written_down_every_period() -> None:
    written, left_s = asyncio.run(read_for(0.7, threshold_s=1.0))

    assert len(written) >= 3
    assert max(later - earlier for earlier, later in pairwise(written)) < 0.5
    assert written[-1] <= left_s + 0.1
