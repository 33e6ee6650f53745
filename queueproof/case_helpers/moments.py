"""Letting time pass in a case: until a moment of the history's clock, or for a while."""

from __future__ import annotations

from queueproof.targets.system import System
from queueproof.waiting import eventually, throughout


async def wait_until(target: System, moment_s: float) -> None:
    """Return at a moment of the history's clock; at once when it is over."""

    async def now_s() -> float:
        return target.history.now_s()

    within_s = max(0.0, moment_s - target.history.now_s())
    await eventually(now_s, lambda now: now >= moment_s, within_s=within_s)


async def pass_time(target: System, for_s: float) -> None:
    """Return after so many seconds of the history's clock."""

    async def now_s() -> float:
        return target.history.now_s()

    until_s = target.history.now_s() + for_s
    await throughout(now_s, lambda now: now < until_s, for_s=for_s + 1.0)
