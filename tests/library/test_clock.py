"""A case's time limit, which stands still while its target is started."""

from __future__ import annotations

import asyncio

import pytest

from queueproof.running.clock import limited, standing_still


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
