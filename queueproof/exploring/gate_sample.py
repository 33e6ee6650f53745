"""A few schedules inside a gate run: little processor time, beside other cases' waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from queueproof.errors import NotAssessed
from queueproof.exploring import shapes
from queueproof.exploring.shrinking import shrink
from queueproof.exploring.steps import Schedule
from queueproof.exploring.trial import Trial, try_schedule
from queueproof.extras import how_to_get, missing
from queueproof.history import current_case
from queueproof.running.strain import StrainMeter
from queueproof.targets.system import System

_SCHEDULES = 6
_AT_ONCE = 2
_LONGEST_JOB_S = 4.0
_SHRINK_S = 12.0


async def explore_in_a_gate(target: System, *, seed: int) -> list[Trial]:
    """Play six schedules, two at a time, with jobs of four seconds at most.

    A failure is made short for up to 12 seconds; the shortest one found comes first. Nothing but
    jobs of the run's own is touched, and nobody else's monitor or index is relied upon.

    Raises NotAssessed where what writes the schedules is not installed.
    """
    if missing("explore"):
        raise NotAssessed(f"what writes schedules is not installed: {how_to_get('explore')}")
    from queueproof.exploring.machine import Scope, write_schedules

    scope = Scope(
        workers="".join(chr(ord("a") + number) for number in range(len(target.workers))),
        shapes=shapes.shapes_within(target.timings, _LONGEST_JOB_S),
    )
    # Writing is pure computation of some tens of milliseconds: not on the loop of the run.
    schedules = await asyncio.to_thread(
        write_schedules, scope, seed=seed, number=_SCHEDULES, length=5
    )
    case, turn = current_case.get(), asyncio.Semaphore(_AT_ONCE)
    meter = StrainMeter()  # the run itself measures the strain, and looks again

    async def play(schedule: Schedule) -> Trial:
        async with turn:
            return await try_schedule(target, schedule, name=case, meter=meter, witnessed=True)

    trials = list(await asyncio.gather(*(play(each) for each in schedules[:_SCHEDULES])))
    broken = next((trial for trial in trials if trial.finding is not None), None)
    return [await _shortened(broken, play), *trials] if broken is not None else trials


async def _shortened(broken: Trial, play: Callable[[Schedule], Awaitable[Trial]]) -> Trial:
    assert broken.finding is not None
    rule, latest = broken.finding.rule, {broken.schedule: broken}

    async def fails(schedule: Schedule) -> bool:
        again = await play(schedule)
        latest[schedule] = again
        return again.breaks(rule)

    short = await shrink(broken.schedule, fails, within_s=_SHRINK_S, at_once=_AT_ONCE)
    return latest[short]
