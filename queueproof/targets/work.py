"""A job's work as the witness sees it: begun, going on, stopped.

Theory: a stopped job and a stalled one look alike for a while. So work counts as stopped only
after a silence many ticks long, and as going on as soon as one tick is seen after the moment in
question, however late it is heard of. A starved machine thus never turns into an accusation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from queueproof.errors import Inconclusive
from queueproof.history import LEFT_ALONE, Event, EventKind, Outcome, current_case
from queueproof.targets.attendance import unread_at
from queueproof.targets.job import Job
from queueproof.waiting import eventually

_STILL_TICKS = 8
_STILL_AT_LEAST_S = 1.0
#: Whoever is told so late that a client is there may not have been told in time.
_NEARLY = 0.9


async def work_begun(job: Job) -> None:
    """Wait for the job's first tick; raises Inconclusive when it does not come."""
    within_s = job.probe.slow_start_s + 2 * job.system.timings.answer_s
    _, begun = await eventually(_last_tick_at(job), lambda at_s: at_s > 0.0, within_s=within_s)
    if not begun:
        raise Inconclusive(f"the job did nothing within {within_s:.1f} s of its submit")


def leave_alone(job: Job) -> None:
    """Say that nobody will read the job for longer than its target allows, and on purpose."""
    job.system.history.note(LEFT_ALONE, "on purpose", job=job.id)


def record_work(jobs: Iterable[Job]) -> None:
    """Set down in the history what the witness saw of each of these jobs until now."""
    for job in jobs:
        with job.system.history.operation("work", job=job.id) as operation:
            operation.outcome = Outcome.OK
            operation.facts.update(key=job.key, witnessed=job.probe.witnessed)
            operation.events.extend(
                Event(EventKind.TICK, seen.at_s, tick=seen.tick) for seen in job.sightings
            )


async def work_stopped(job: Job, *, by_s: float, unread: bool = False) -> bool:
    """Whether the job did nothing after `by_s` (of the history's clock).

    Raises Inconclusive when the job came to its own end, which proves nothing. Neither does a job
    that nobody had read for so long that a watchdog may have stopped it, unless `unread` says that
    this is what should stop it.
    """
    still_s = max(_STILL_AT_LEAST_S, _STILL_TICKS * job.probe.interval_s)
    if unread:
        leave_alone(job)

    def settled(at_s: float) -> bool:
        now_s = job.system.history.now_s()
        return at_s > by_s or (now_s > by_s and now_s - at_s > still_s)

    within_s = max(0.0, by_s - job.system.history.now_s()) + still_s + 1.0
    last_s, _ = await eventually(_last_tick_at(job), settled, within_s=within_s)
    if last_s <= by_s and len(job.sightings) >= job.probe.ticks:
        raise Inconclusive("the job came to its own end before it could be stopped")
    if last_s <= by_s and not unread:
        _expect_read(job, last_s)
    return last_s <= by_s


async def work_goes_on(job: Job, *, past_s: float) -> bool:
    """Whether the job did anything after `past_s` (of the history's clock)."""
    within_s = max(0.0, past_s - job.system.history.now_s()) + job.system.timings.answer_s
    _, seen = await eventually(_last_tick_at(job), lambda at_s: at_s > past_s, within_s=within_s)
    return seen


async def require_over(jobs: Mapping[str, Job]) -> None:
    """Raise Inconclusive where one of these jobs, each under what it is, is seen at work still.

    What a job that runs on still holds is its own: that it was not ended is another matter.
    """
    now_s = max((job.system.history.now_s() for job in jobs.values()), default=0.0)
    going = await asyncio.gather(*(work_goes_on(job, past_s=now_s) for job in jobs.values()))
    running = [what for what, goes_on in zip(jobs, going, strict=True) if goes_on]
    if running:
        raise Inconclusive(f"{', '.join(running)}: still at work, so that it holds what it has")


def _last_tick_at(job: Job) -> Callable[[], Awaitable[float]]:
    async def look() -> float:
        return max((sighting.at_s for sighting in job.sightings), default=0.0)

    return look


def _expect_read(job: Job, last_s: float) -> None:
    """Raises Inconclusive where the watchdog may have stopped the job at its last tick."""
    threshold_s = job.system.timings.stale_threshold_s
    unread_s = unread_at(job.system.history.of_case(current_case.get()), job.id, last_s)
    if 0 < threshold_s * _NEARLY < unread_s:
        raise Inconclusive(
            f"nobody had read the job for {unread_s:.1f} s when its work stopped: the watchdog may "
            "have stopped it"
        )
