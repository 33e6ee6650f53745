"""Hundreds of jobs at once, and hundreds that are due at once
(`queueproof, "Any other queue"`, Submitting and Delays).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from queueproof.case import Inconclusive, Job, Probe, System, expect_that, requirement, throughout
from queueproof.checkers.overlap import most_at_once
from queueproof.config.deadlines import recovered_within_s
from queueproof.targets.full_slots import all_begun_in_turn, begun_s

_MANY, _AT_ONCE = 160, 10
_STILL_S = 1.5
_DUE_AFTER_S = 7.0
#: Before the instant itself a busy machine needs a moment, or jobs would be due after it.
_SOONEST_S = 1.0
_ENOUGH, _ENOUGH_WAITED = 60, 50
#: What comes due within that is due at one instant; so many of them are a crowd.
_INSTANT_S, _DUE_TOGETHER = 0.2, 50
#: About how long all of them take together, as far as the number of slots is known, and how long
#: each of them takes at least and at most.
_LINE_S, _SHORTEST_S, _LONGEST_S, _LONGER = 2.5, 0.1, 4.0, 4


@requirement("PROM-012", alone=True)
async def test_hundreds_of_jobs_at_once_are_each_run_once(target: System) -> None:
    """Submitted ten at a time, faster than they are done, so that most of them wait.

    Where they do not, once more, and each of them takes longer.
    """
    slots = target.slots or target.slots_a_worker
    briefly_s = min(_LONGEST_S / _LONGER, max(_SHORTEST_S, _LINE_S * slots / _MANY))
    for lasts_s in (briefly_s, briefly_s * _LONGER):
        jobs = await _submitted(target, partial(Probe, ticks=1, interval_s=lasts_s, witnessed=True))
        await _expect_each_once(jobs, stalled_s=recovered_within_s(target.timings))
        waited = most_at_once((job.submitted_s, begun_s(job)) for job in jobs)
        if waited >= _ENOUGH_WAITED:
            return
    raise Inconclusive(f"{waited} of {len(jobs)} jobs waited at one time at most")


@requirement("PROM-013", alone=True, wait=lambda _: _DUE_AFTER_S)
async def test_hundreds_of_jobs_that_are_due_at_one_instant_are_each_run_once(
    target: System,
) -> None:
    """The later they are submitted, the shorter is their delay; as many as come in time."""
    due_s = target.history.now_s() + _DUE_AFTER_S

    def due() -> Probe | None:
        delay_s = round(due_s - target.history.now_s(), 3)
        if delay_s < _SOONEST_S:
            return None
        return Probe(ticks=1, interval_s=0.0, delay_s=delay_s, witnessed=True)

    jobs = await _submitted(target, due)
    late_s = target.promises.delay_late_s if target.promises else 0.0

    await _expect_each_once(
        jobs, stalled_s=_DUE_AFTER_S + late_s + recovered_within_s(target.timings)
    )
    due_at_s = [job.submitted_s + job.probe.delay_s for job in jobs]
    together = most_at_once((at_s, at_s + _INSTANT_S) for at_s in due_at_s)
    if together < _DUE_TOGETHER:
        raise Inconclusive(f"submits took so long that {together} of {len(jobs)} were due together")


async def _submitted(target: System, probe: Callable[[], Probe | None]) -> list[Job]:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one() -> Job | None:
        async with turn:
            asked = probe()
            return None if asked is None else (await target.try_submit(asked))[0]

    jobs = [job for job in await asyncio.gather(*(one() for _ in range(_MANY))) if job]
    if len(jobs) < _ENOUGH:
        raise Inconclusive(f"only {len(jobs)} of {_MANY} submits were accepted in time")
    return jobs


async def _expect_each_once(jobs: list[Job], *, stalled_s: float) -> None:
    """However long they take, as long as some begin."""
    await all_begun_in_turn(jobs, stalled_s=stalled_s)

    async def twice() -> list[Job]:
        return [job for job in jobs if len(job.sightings) > 1]

    again, _ = await throughout(twice, lambda found: not found, for_s=_STILL_S)
    never = [job for job in jobs if not job.sightings]
    expect_that(
        not never and not again,
        expected=f"each of {len(jobs)} jobs done once",
        actual=f"{len(never)} were never begun, though none began for {stalled_s:.0f} s; "
        f"{len(again)} were done more than once",
        jobs=tuple([*never, *again][:3]),
    )
