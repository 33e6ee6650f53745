"""A case's time limit, which stands still while its target is started."""

from __future__ import annotations

import asyncio

import pytest

from queueproof.clock import limited, standing_still, waiting_for
from queueproof.waiting import eventually


def test_a_case_that_takes_too_long_is_ended() -> None:
    async def case() -> None:
        async with limited(0.01):
            await asyncio.sleep(5.0)

    with pytest.raises(TimeoutError):
        asyncio.run(case())


def test_a_start_is_not_counted() -> None:
    async def case() -> None:
        async with limited(0.05):
            with standing_still():
                await asyncio.sleep(0.1)

    asyncio.run(case())


def test_the_limit_goes_on_after_a_start() -> None:
    async def case() -> None:
        async with limited(0.05):
            with standing_still(), standing_still():
                await asyncio.sleep(0.1)
            await asyncio.sleep(5.0)

    with pytest.raises(TimeoutError):
        asyncio.run(case())


def test_without_a_case_there_is_nothing_to_stop() -> None:
    async def start() -> str:
        with standing_still():
            return "started"

    assert asyncio.run(start()) == "started"


def test_the_limit_never_comes_before_a_deadline_that_the_case_waits_for() -> None:
    """A target that never answers is judged by the deadline, however long that was declared."""

    async def never() -> bool:
        return False

    async def case() -> bool:
        async with limited(0.05):
            _, held = await eventually(never, bool, within_s=0.3)
            return held

    assert asyncio.run(case()) is False


def test_the_limit_is_moved_for_clients_of_the_case_too_but_not_by_what_is_no_deadline() -> None:
    async def client(within_s: float) -> None:
        waiting_for(within_s)
        await asyncio.sleep(0.2)

    async def case(within_s: float) -> None:
        async with limited(0.05):
            await asyncio.gather(client(within_s))

    asyncio.run(case(1.0))
    with pytest.raises(TimeoutError):
        asyncio.run(case(3600.0))


def test_a_limit_that_is_over_is_not_moved() -> None:
    async def case() -> None:
        async with limited(0.01):
            try:
                await asyncio.sleep(5.0)
            finally:
                waiting_for(60.0)

    with pytest.raises(TimeoutError):
        asyncio.run(case())
    waiting_for(1.0)
