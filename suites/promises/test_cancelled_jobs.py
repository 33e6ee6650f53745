"""Cancels of jobs that are not under way, of jobs that are none, and what a cancel sets free
(`queueproof, "Any other queue"`, Cancelling).
"""

from __future__ import annotations

import asyncio
from itertools import chain

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    NotAssessed,
    Probe,
    System,
    Worker,
    expect_that,
    read_job,
    requirement,
    still_working,
    throughout,
    work_begun,
)
from queueproof.case_helpers.moments import require_under_way
from queueproof.targets.full_slots import all_begun, declared_slots
from queueproof.targets.outcomes import runs_of

_DELAY_S = 3.0
_STILL_S = 2.0
_LATER = Probe(ticks=2, interval_s=0.1, delay_s=_DELAY_S, witnessed=True)
_LONG = Probe(ticks=200, interval_s=0.1, witnessed=True)
_BRIEF = Probe(ticks=3, interval_s=0.05, witnessed=True)
_ENOUGH_RETRIES, _LONGEST_PAUSE_S = 3, 10.0
_STRANGERS = 3
#: A cancel is looked for every so often, and reaches its job when it will: some fail in between.
_FAIL_AFTER_S = tuple(0.02 + 0.05 * number for number in range(12))


@requirement("PROM-015", wait=lambda _: _DELAY_S + _STILL_S)
async def test_a_delayed_job_that_is_cancelled_before_its_time_never_begins(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One that is submitted after it and not cancelled shows when it would have begun."""
    cancelled = await target.submit(_LATER, via=workers[0])
    control = await target.submit(_LATER, via=workers[0])

    reply = await target.cancel(cancelled, via=workers[-1])
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")
    if target.history.now_s() > cancelled.submitted_s + _DELAY_S:
        raise Inconclusive("the cancel was answered after the job's time")
    await _require_begun(control)
    await throughout(lambda: _work(cancelled), lambda seen: not seen, for_s=_STILL_S)

    expect_that(
        not cancelled.sightings,
        expected="no tick of a job whose cancel was answered with success before its time",
        actual=f"it did {len(cancelled.sightings)} ticks",
        jobs=cancelled,
    )


@requirement("PROM-016")
async def test_a_job_that_is_cancelled_between_two_runs_is_not_run_again(target: System) -> None:
    """It fails at once, whenever it is run; one more may have begun before the cancel's answer."""
    await _expect_no_further_run(target, fails_after_s=0.0)


@requirement("PROM-016")
async def test_a_job_that_is_cancelled_just_before_it_fails_is_not_run_again(
    target: System,
) -> None:
    """Several, each of which fails a little later after its first tick: some in that moment."""
    looks = await asyncio.gather(
        *(_expect_no_further_run(target, fails_after_s=after_s) for after_s in _FAIL_AFTER_S),
        return_exceptions=True,
    )

    raised = [error for error in looks if error is not None]
    for error in raised:
        if not isinstance(error, Inconclusive):
            raise error
    if len(raised) == len(looks):
        raise raised[0]


@requirement("PROM-017", alone=True)
async def test_after_as_many_cancels_as_there_are_slots_a_job_begins(target: System) -> None:
    """Every slot is taken by a long job, and each of these is cancelled."""
    jobs = [await target.submit(_LONG) for _ in range(declared_slots(target))]
    await all_begun(jobs, within_s=target.timings.answer_s)
    running = [job for job in jobs if job.sightings]
    replies = [await target.cancel(job) for job in jobs]
    if len(running) < len(jobs) / 2 or not all(reply.claims_success for reply in replies):
        raise Inconclusive(f"{len(running)} of {len(jobs)} began, or a cancel was not taken")
    if await still_working(running, within_s=target.timings.cancel_effect_s):
        raise Inconclusive("a cancelled job went on")

    job = await target.submit(_BRIEF)
    within_s = target.timings.recovery_s + target.timings.answer_s
    begun = await all_begun([job], within_s=within_s)

    expect_that(
        begun,
        expected=f"a job begins within {within_s:.0f} s where all running ones were cancelled",
        actual=f"it did not, after {len(running)} cancels",
        jobs=job,
    )


@requirement("PROM-018")
async def test_cancels_of_jobs_that_never_existed_harm_no_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Some are sent to every worker, while jobs run and before others are submitted."""
    probe = Probe(ticks=30, interval_s=0.1, witnessed=True)
    before = [await target.submit(probe, via=at) for at in workers]
    for job in before:
        await work_begun(job)

    replies = [
        await target.cancel(target.unknown_job(), via=at)
        for at in workers
        for _ in range(_STRANGERS)
    ]
    asked_s = target.history.now_s()
    after = [await target.submit(_BRIEF, via=at) for at in chain(workers, workers)]
    delivered = await asyncio.gather(*(read_job(job) for job in (*before, *after)))

    stopped = [read for read in delivered if read.ending in (Ending.CANCELLED, Ending.FAILED)]
    expect_that(
        not stopped,
        expected="jobs that ran, and jobs that were submitted afterwards, complete",
        actual=f"{len(stopped)} of {len(delivered)} did not, such as one that "
        f"{'ran' if stopped and stopped[0].job in before else 'came later'}: "
        f"{stopped[0].ending.value if stopped else ''}",
        jobs=tuple(read.job for read in stopped[:2]),
    )
    if not any(reply.answered for reply in replies):
        raise Inconclusive(
            f"no cancel of a job that never existed was answered: {replies[0].words}"
        )
    require_under_way(*before, at_s=asked_s, what="the cancels")


async def _expect_no_further_run(target: System, *, fails_after_s: float) -> None:
    """Of a job that is cancelled once it has begun, and fails in each of its runs."""
    retries, pause_s = _declared_retries(target)
    probe = Probe(ticks=2, interval_s=fails_after_s, fail_at=1, retries=retries, witnessed=True)
    job = await target.submit(probe)
    await work_begun(job)
    reply = await target.cancel(job)
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")
    by_then = runs_of(job)
    if by_then > retries - 1:
        raise Inconclusive(f"it was answered after run {by_then} of {1 + retries}")

    async def runs() -> int:
        return runs_of(job)

    await throughout(runs, lambda now: now < by_then + 2, for_s=3 * pause_s + _STILL_S)
    expect_that(
        runs_of(job) < by_then + 2,
        expected="no further run of a job whose cancel was answered with success",
        actual=f"it was begun {by_then} times before the answer and {runs_of(job) - by_then} times "
        "after it",
        jobs=job,
    )


def _declared_retries(target: System) -> tuple[int, float]:
    """How many retries to ask for, and the pause between them."""
    retries = target.promises.retries if target.promises else 0
    pause_s = target.promises.retry_pause_s if target.promises else 0.0
    if retries < _ENOUGH_RETRIES or pause_s > _LONGEST_PAUSE_S:
        raise NotAssessed(
            f"needs {_ENOUGH_RETRIES} retries at least and pauses of {_LONGEST_PAUSE_S:g} s at "
            f"most: {retries} are promised, with pauses of {pause_s:g} s"
        )
    return min(retries, _ENOUGH_RETRIES + 2), pause_s


async def _require_begun(job: Job) -> None:
    timings = job.system.timings
    within_s = _DELAY_S + timings.recovery_s + timings.answer_s
    if not await all_begun([job], within_s=within_s):
        raise Inconclusive(f"a delayed job that nobody cancelled did not begin in {within_s:.0f} s")


async def _work(job: Job) -> int:
    return len(job.sightings)
