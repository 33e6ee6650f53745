"""Waiting ends as soon as it may, and never blames a target that was right in time."""

from __future__ import annotations

import asyncio
import time

from queueproof.targets.asking import Persistence, declare_pace
from queueproof.waiting import eventually, throughout


def test_it_returns_as_soon_as_the_condition_holds() -> None:
    """No fixed sleep."""

    async def scenario() -> float:
        began = time.monotonic()

        async def look() -> bool:
            return time.monotonic() - began > 0.1

        assert await eventually(look, bool, within_s=5.0) == (True, True)
        return time.monotonic() - began

    assert asyncio.run(scenario()) < 1.0


def test_it_gives_up_at_the_deadline() -> None:
    """And says what was seen last."""

    async def scenario() -> tuple[int, bool]:
        seen = 0

        async def look() -> int:
            nonlocal seen
            seen += 1
            return seen

        return await eventually(look, lambda value: value < 0, within_s=0.1)

    last, reached = asyncio.run(scenario())
    assert not reached
    assert last > 1


def test_it_looks_once_more_after_a_starved_wait() -> None:
    """An observation that took longer than the whole deadline is followed by another."""

    async def scenario() -> bool:
        answers = iter([False, True])

        async def look() -> bool:
            await asyncio.sleep(0.1)
            return next(answers)

        _, reached = await eventually(look, bool, within_s=0.05)
        return reached

    assert asyncio.run(scenario())


def test_throughout_stops_at_the_first_breach() -> None:
    """What held for a while and then did not, did not hold."""

    async def scenario() -> tuple[int, bool]:
        seen = 0

        async def look() -> int:
            nonlocal seen
            seen += 1
            return seen

        return await throughout(look, lambda value: value < 3, for_s=5.0)

    assert asyncio.run(scenario()) == (3, False)


def test_requests_that_wait_for_their_turns_side_by_side_put_the_deadline_off_but_once() -> None:
    """Added up, the waits of many would put it off for ever."""
    url = "http://127.0.0.1:9"

    async def look() -> bool:
        turns = (Persistence(url, repeatable=True).turn() for _ in range(8))
        await asyncio.gather(*turns, asyncio.sleep(0.1))
        await asyncio.sleep(0.1)
        return False

    async def scenario() -> float:
        declare_pace(url, 100.0)
        began = time.monotonic()
        await eventually(look, bool, within_s=0.5)
        declare_pace(url, None)
        return time.monotonic() - began

    assert asyncio.run(scenario()) < 1.5
