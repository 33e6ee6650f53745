"""Abandoned polling builds are reclaimed, no others, and never too early
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference,
LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S and …_POLLING_WATCHDOG_INTERVAL_S).

A client's last sign of life is somewhere between the sending of its last poll and the answer.
So "too early" counts from the sending, "too late" from the answer.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    CounterDelta,
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    Worker,
    expect,
    expect_that,
    in_words,
    matches,
    poll_until_terminal,
    read_stream,
    requirement,
    still_working,
    stops,
    throughout,
    work_begun,
    work_goes_on,
)
from queueproof.case_helpers.moments import wait_until
from queueproof.config.deadlines import reclaimed_within_s
from queueproof.running.quiescence import come_to_rest

WORK = Probe(ticks=3000, interval_s=0.2, witnessed=True)
#: Builds that are left together: two of them, at least, are found in one look.
_TOGETHER = 3
#: So slow that a poll waits for its next tick.
SLOW_WORK = Probe(ticks=600, interval_s=1.0, witnessed=True)
FAST_WORK = Probe(ticks=6000, interval_s=0.1, witnessed=True)
BRIEF = Probe(ticks=3, interval_s=0.1)
FAILING = Probe(ticks=3, interval_s=0.1, fail_at=2)
KILLS = "polling_watchdog_kills"
_GIVEN_UP_S = 0.3
_POLLS = 3


def too_early(t: Timings) -> float:
    """Until then it must work in any case, with a margin for ticks that are heard of late."""
    return max(0.6 * t.stale_threshold_s, t.stale_threshold_s - 1.0)


def two_looks(t: Timings) -> float:
    """Two looks of the watchdog."""
    return 2 * t.watchdog_interval_s


@requirement("WDOG-001", workers=2, wait=reclaimed_within_s)
async def test_a_build_whose_polling_client_went_away_is_stopped(target: System) -> None:
    """One poll, on another worker, then silence: the work stops within threshold and interval."""
    _, job, answered_s = await _abandoned(target, WORK)

    stopped = await stops(job, since_s=answered_s, unread=True)

    expect_that(
        stopped,
        expected=f"no tick later than {reclaimed_within_s(target.timings):.1f} s after the last "
        "poll",
        actual="the build still worked then",
        jobs=job,
    )


@requirement(
    "WDOG-001",
    workers=2,
    needs=("witness",),
    wait=lambda t: SLOW_WORK.interval_s + reclaimed_within_s(t),
)
async def test_a_build_whose_client_left_in_the_middle_of_a_poll_is_stopped(
    target: System,
) -> None:
    """It hangs up while another worker holds its poll: what that leaves behind is no client.

    A server that does not notice holds the poll up to the next tick, which is no sin.
    """
    job = await target.submit(SLOW_WORK)
    await work_begun(job)
    other = target.others(job.owner)[0]
    for _ in range(_POLLS):
        if not (await target.poll(job, via=other, within_s=_GIVEN_UP_S)).answered:
            break
    left_s = target.history.now_s() + SLOW_WORK.interval_s

    stopped = await stops(job, since_s=left_s, unread=True)

    expect_that(
        stopped,
        expected=f"no tick later than {reclaimed_within_s(target.timings):.1f} s after the poll "
        "that its client gave up could have been answered",
        actual="the build still worked then",
        jobs=job,
    )


@requirement("WDOG-002", workers=2, wait=too_early)
async def test_a_build_is_not_stopped_before_the_threshold(target: System) -> None:
    """One poll, then silence: the work goes on until the threshold is near."""
    asked_s, job, _ = await _abandoned(target, FAST_WORK)

    lived = await work_goes_on(job, past_s=asked_s + too_early(target.timings))

    expect_that(
        lived,
        expected=f"ticks until {target.timings.stale_threshold_s:.1f} s after the last poll",
        actual=f"the last one came {_last_tick_s(job) - asked_s:.1f} s after it",
        jobs=job,
    )


@requirement(
    "WDOG-003",
    workers=2,
    needs=("witness",),
    alone=True,
    wait=lambda t: 2 * (reclaimed_within_s(t) + two_looks(t)),
)
async def test_each_reclaimed_build_is_counted_once(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Builds of one worker that are left together add as many to its count, none elsewhere.

    Older jobs, which some targets hold for minutes after their ends, may be reclaimed as well: they
    get the time for that before. A surplus where some are held all the same proves nothing.
    """
    if not await come_to_rest(target):
        ripe_s = target.history.now_s() + target.timings.stale_threshold_s
        await wait_until(target, ripe_s + two_looks(target.timings))
    tally = await CounterDelta.begin(target)
    abandoned = await asyncio.gather(
        *(_abandoned(target, WORK, owner=workers[0]) for _ in range(_TOGETHER))
    )
    jobs = [job for _, job, _ in abandoned]
    if await still_working(jobs, unread=True):
        raise Inconclusive("the abandoned builds were not reclaimed")

    expected = {workers[0]: len(jobs)}
    rise = await tally.rises_to(KILLS, expected, within_s=target.timings.answer_s)
    if matches(rise, expected):
        for_s = two_looks(target.timings)
        rise, _ = await throughout(
            lambda: tally.rise(KILLS), lambda seen: matches(seen, expected), for_s=for_s
        )

    held = [worker for worker, numbers in tally.before.items() if numbers.get("active_jobs")]
    if any(rise[worker] > expected.get(worker, 0) for worker in held):
        raise Inconclusive("the target still held older jobs, which it may have reclaimed")
    await tally.expect_that(
        matches(rise, expected),
        expected=in_words(KILLS, {worker: expected.get(worker, 0) for worker in workers}),
        actual=in_words(KILLS, rise),
        jobs=tuple(jobs),
    )


@requirement("WDOG-008", workers=2, needs=("witness",), wait=reclaimed_within_s)
async def test_a_client_that_returns_after_the_kill_is_told(target: System) -> None:
    """The next poll tells that the build is over: cancelled, failed, or no longer there."""
    _, job, answered_s = await _abandoned(target, WORK)
    if not await stops(job, since_s=answered_s, unread=True):
        raise Inconclusive("the abandoned build was not reclaimed")

    back = await poll_until_terminal(
        job, via=target.others(job.owner)[0], within_s=target.timings.answer_s
    )

    expect(back, left_alone=True).to_have_ended(Ending.CANCELLED, Ending.FAILED, Ending.REFUSED)


@requirement("WDOG-010", alone=True, wait=lambda t: t.stale_threshold_s + 2 * two_looks(t))
async def test_a_finished_job_is_not_reclaimed(target: System) -> None:
    """A job that ended well and one that failed, and that nobody reads any more, are no abandoned
    builds.

    Only what is counted when their own threshold passes is held to be about these jobs.
    """
    job = await target.submit(BRIEF)
    failing = await target.submit(FAILING, via=job.owner)
    for one, ends in ((job, Ending.COMPLETED), (failing, Ending.FAILED)):
        delivered = await read_stream(one, via=job.owner)
        if delivered.ending is not ends:
            raise Inconclusive(f"the job did not end {ends.value}: {delivered.ending.value}")
    await wait_until(target, delivered.ended_s + too_early(target.timings) - 1.0)
    tally = await CounterDelta.begin(target)

    ripe_s = delivered.ended_s + target.timings.stale_threshold_s - target.history.now_s()
    for_s = max(0.0, ripe_s) + 2 * two_looks(target.timings)
    rise, spared = await throughout(
        lambda: tally.rise(KILLS), lambda seen: not seen[job.owner], for_s=for_s
    )

    await tally.expect_that(
        spared,
        expected=f"{KILLS} stays as it was on the owner, worker {job.owner}",
        actual=f"{in_words(KILLS, rise)}, after the jobs had ended by themselves",
        jobs=(job, failing),
    )


async def _abandoned(
    target: System, probe: Probe, *, owner: Worker | None = None
) -> tuple[float, Job, float]:
    """A working build that was polled once: when the poll was sent, the job, and the answer."""
    job = await target.submit(probe, via=owner)
    await work_begun(job)
    asked_s = target.history.now_s()
    reply = await target.poll(job, via=target.others(job.owner)[0])
    if reply.status != 200:
        raise Inconclusive(f"the poll was not answered: {reply.words}")
    return asked_s, job, target.history.now_s()


def _last_tick_s(job: Job) -> float:
    return max((sighting.at_s for sighting in job.sightings), default=job.submitted_s)
