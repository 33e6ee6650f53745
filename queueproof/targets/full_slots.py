"""Jobs that wait: all slots of all workers are filled first.

A job that is told to wait may already have begun, and one that waits may sit in a worker's memory.
So what waits is seen by the witness: it has not begun while all slots are taken.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.probe import Probe
from queueproof.targets.job import Job
from queueproof.targets.system import System
from queueproof.waiting import eventually

#: The first slot is free after so long, each further one so much later.
_FIRST_FREE_S, _APART_S = 2.5, 0.2
_TICK_S = 0.1
#: What follows is asked while all slots are taken.
_LEAST_LEFT_S = 1.0
_MOST_SLOTS = 100
_AT_ONCE = 8


def declared_slots(target: System) -> int:
    """How many jobs run at once; raises NotAssessed where that is not declared, or too many."""
    slots = target.slots
    if slots is None:
        raise NotAssessed("how many jobs run at once is not known: give workers and worker_slots")
    if slots > _MOST_SLOTS:
        raise NotAssessed(f"{slots} slots are more than can be filled ({_MOST_SLOTS})")
    return slots


async def fill_slots(
    target: System, *, first_free_s: float = _FIRST_FREE_S, but: int = 0
) -> list[Job]:
    """As many jobs as there are slots, `but` so many, all begun; they end one after the other, the
    first so long after it began.

    Where they begin so slowly that the first is nearly over when the last begins, such as last
    longer take their place.

    Raises NotAssessed as `declared_slots` does, Inconclusive where they do not all begin, or a slot
    is free again too soon.
    """
    number = declared_slots(target) - but
    since_s, within_s = target.history.now_s(), target.timings.answer_s
    jobs = await _begun(target, number, first_free_s, within_s=within_s)
    if _left_s(jobs) < _LEAST_LEFT_S:
        took_s = target.history.now_s() - since_s
        within_s += took_s + max(job.probe.duration_s for job in jobs)
        # The last of them begins when the last of the others has ended, which began late itself.
        longer_s = 2 * took_s + number * _APART_S
        jobs = await _begun(target, number, first_free_s + longer_s, within_s=within_s)
        if _left_s(jobs) < _LEAST_LEFT_S:
            raise Inconclusive("jobs begin so slowly that a slot is free again before all are full")
    return jobs


async def _begun(target: System, number: int, first_free_s: float, *, within_s: float) -> list[Job]:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def submitted(at: int) -> Job:
        lasts_s = first_free_s + at * _APART_S
        probe = Probe(ticks=round(lasts_s / _TICK_S), interval_s=_TICK_S, witnessed=True)
        async with turn:
            return await target.submit(probe)

    jobs = list(await asyncio.gather(*map(submitted, range(number))))
    if not await all_begun(jobs, within_s=within_s):
        begun = sum(bool(job.sightings) for job in jobs)
        raise Inconclusive(f"{begun} of {number} jobs began: are there as many slots as declared?")
    return jobs


def _left_s(jobs: Sequence[Job]) -> float:
    """How long the first of them goes on at least, as the witness has seen it."""
    left = (job.probe.ticks - len(job.sightings) for job in jobs)
    return min(left, default=math.inf) * _TICK_S


async def submit_waiting(target: System, probes: Sequence[Probe]) -> list[Job]:
    """These jobs, one after the other, that must wait; raises Inconclusive when one began."""
    jobs = [await target.submit(replace(probe, witnessed=True)) for probe in probes]
    if any(job.sightings for job in jobs):
        raise Inconclusive("a job that was meant to wait began at once: are there more slots?")
    return jobs


async def all_begun(jobs: Sequence[Job], *, within_s: float) -> bool:
    """Whether the witness saw each of them begin in time."""

    async def begun() -> bool:
        return all(job.sightings for job in jobs)

    _, seen = await eventually(begun, bool, within_s=within_s)
    return seen


async def all_begun_in_turn(jobs: Sequence[Job], *, stalled_s: float) -> bool:
    """Whether each of them began, however long that takes: False once none has for `stalled_s`.

    Many jobs take a busy machine long; what is lost never comes.
    """

    async def begun() -> int:
        return sum(bool(job.sightings) for job in jobs)

    number = 0
    while number < len(jobs):
        number, more = await eventually(begun, number.__lt__, within_s=stalled_s)
        if not more:
            return False
    return True


def begun_s(job: Job) -> float:
    """When the witness first saw it at work; for ever later where it did not."""
    return min((seen.at_s for seen in job.sightings), default=float("inf"))
