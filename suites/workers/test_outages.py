"""Workers while Redis is away, and after it came back (completes `queueproof, "Any other queue"`,
Workers).
"""

from __future__ import annotations

import asyncio

import psutil

from queueproof.case import Ending, Inconclusive, Job, Probe, eventually, expect_that, requirement
from queueproof.case_helpers.log_rate import lines_a_second
from queueproof.config.model import Timings
from queueproof.processes.process_view import waited_s
from queueproof.processes.signalling import NotSignalled
from queueproof.running.launch import Lane, Launch
from queueproof.targets.outcomes import ended

BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
AWAY_S = 4.0
#: A worker that asks for a job waits some seconds for one, commonly five, and looks a second later
#: whether it was answered: an outage that begins in such a wait outlasts it. A short one is the
#: first: what a client makes of its first loss may be gone at the next.
OUTAGES_S = (AWAY_S, 8.0)
WATCHED_S = 5.0
#: Of one processor. A worker that asks in vain every tenth of a second takes a few hundredths.
BUSY = 0.15
#: Lines a second: a traceback at each try, several times a second, is below it.
FLOOD = 200.0


def _outages_take_s(timings: Timings) -> float:
    return sum(OUTAGES_S) + len(OUTAGES_S) * timings.recovery_s


@requirement("WORK-004", wait=_outages_take_s)
async def test_a_worker_takes_jobs_again_after_redis_was_away(launch: Launch) -> None:
    """It did one before, and does one after each of two outages. One that has ended is another
    matter: something may start it again.
    """
    lane = await launch.lane(workers=1)
    await _require_service(lane)
    for number, away_s in enumerate(OUTAGES_S, 1):
        await lane.redis.stop(keep_data=True)
        await asyncio.sleep(away_s)
        await lane.redis.start()
        await _expect_taken_again(lane, f"outage {number}, of {away_s:.0f} s")


async def _expect_taken_again(lane: Lane, outage: str) -> None:
    within_s = lane.system.timings.recovery_s
    await asyncio.sleep(within_s / 2)
    worker = lane.boot.crew[0]
    if worker.child.exit_code is not None:
        raise Inconclusive(
            f"the worker has ended ({outage}), and whether it is started again is its "
            f"supervisor's: {worker.last_lines}"
        )

    job = await _accepted(lane)
    reply = await ended(job, within_s=within_s)

    expect_that(
        reply.ending is Ending.COMPLETED,
        expected=f"a job submitted {within_s / 2:.0f} s after Redis was back to be done within "
        f"{within_s:.0f} s",
        actual=f"it is told as {reply.state or reply.words}, {len(job.sightings)} of its "
        f"{BRIEF.ticks} steps were done after {outage}; the worker's process lives",
        jobs=job,
    )


@requirement("WORK-008", wait=lambda _: AWAY_S + WATCHED_S)
async def test_an_idle_worker_keeps_no_processor_busy_while_redis_is_away(launch: Launch) -> None:
    """Over some seconds, its processor time and that of the processes below it."""
    lane = await launch.lane(workers=1)
    await _require_service(lane)
    await lane.redis.stop(keep_data=True)
    await asyncio.sleep(AWAY_S)
    used_before_s, waited_before_s = _processor_s(lane)
    await asyncio.sleep(WATCHED_S)
    used_s, waited_s = _processor_s(lane)
    share, waited = (used_s - used_before_s) / WATCHED_S, (waited_s - waited_before_s) / WATCHED_S
    if share < 0 or waited < 0:
        raise Inconclusive("a process of the worker's ended while it was watched")

    expect_that(
        share < BUSY,
        expected=f"less than {BUSY:.0%} of a processor while Redis is away",
        actual=f"{share:.0%} over {WATCHED_S:.0f} s",
    )
    if share + waited >= BUSY:
        raise Inconclusive(
            f"the worker used {share:.0%} of a processor and waited for one {waited:.0%} of the "
            "time: on a machine with less to do it might have kept one busy"
        )


@requirement("WORK-012", wait=lambda _: AWAY_S + WATCHED_S)
async def test_a_worker_does_not_flood_its_log_while_redis_is_away(launch: Launch) -> None:
    """Over some seconds, with nothing to do: some lines a second say all there is to say.

    One that has ended is another matter.
    """
    lane = await launch.lane(workers=1)
    await _require_service(lane)
    await lane.redis.stop(keep_data=True)
    await asyncio.sleep(AWAY_S)
    a_second = await lines_a_second(lane.boot.crew[0], for_s=WATCHED_S)

    expect_that(
        a_second < FLOOD,
        expected=f"fewer than {FLOOD:.0f} lines a second while Redis is away",
        actual=f"{a_second:.0f} lines a second over {WATCHED_S:.0f} s",
    )


async def _require_service(lane: Lane) -> None:
    job = await lane.system.submit(BRIEF)
    reply = await ended(job, within_s=lane.system.timings.recovery_s)
    if reply.ending is not Ending.COMPLETED:
        raise Inconclusive(f"before the outage a brief job was not done: {reply.state}")


async def _accepted(lane: Lane) -> Job:
    """A job that the front took: what it makes of its own lost connections is not asked here."""

    async def submitted() -> Job | None:
        job, _ = await lane.system.try_submit(BRIEF)
        return job

    within_s = lane.system.timings.recovery_s
    job, _ = await eventually(submitted, lambda job: job is not None, within_s=within_s)
    if job is None:
        raise Inconclusive(f"the front took no job within {within_s:.0f} s")
    return job


def _processor_s(lane: Lane) -> tuple[float, float]:
    """Seconds in which the worker's family has used a processor, and waited for one.

    Raises Inconclusive where the worker has ended: whether it may is another matter.
    """
    worker = lane.boot.crew[0]
    try:
        family = worker.victim.family()
        times = [psutil.Process(member.pid).cpu_times() for member in family]
    except (NotSignalled, psutil.Error):
        raise Inconclusive(f"the worker has ended: {worker.last_lines}") from None
    used_s = sum(time.user + time.system for time in times)
    return used_s, sum(waited_s(member.pid) for member in family)
