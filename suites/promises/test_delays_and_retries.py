"""Jobs that are held back, and jobs that are run again because they failed
(`queueproof, "Any other queue"`, Delays and Retries).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    NotAssessed,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    read_job,
    requirement,
    status,
    throughout,
)
from queueproof.checkers.outage_durations import DELAY_LATENESS
from queueproof.config.promises import Promises
from queueproof.targets.full_slots import all_begun, begun_s
from queueproof.targets.statuses import StatusReply

_DELAY_S = 2.0
_FRACTION_S = 1.9
_BRIEFLY_S = 1.0
_MONTH_S = 30 * 86400.0
_LATER = Probe(ticks=2, interval_s=0.1, delay_s=_DELAY_S, witnessed=True)
_AT_ONE_INSTANT = 12
#: What the clocks of two machines and their roundings may make of a delay.
_EARLY_S = 0.1
_MOST_RETRIES = 2
_TWO_DIGITS = 10
_RETRIED_AT_ONCE = 4
#: How long a run lasts that fails late, in seconds.
_WORKED_S = 0.6
_LONGEST_PAUSE_S = 20.0
_STILL_S = 1.5


@requirement("PROM-004", wait=lambda _: _DELAY_S)
async def test_a_delayed_job_does_not_begin_before_its_time(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One through each worker."""
    jobs = [await target.submit(_LATER, via=at) for at in workers]
    await _begun(jobs)

    early = [job for job in jobs if begun_s(job) < job.submitted_s + _DELAY_S - _EARLY_S]

    expect_that(
        not early,
        expected=f"no tick within {_DELAY_S:g} s of the submit",
        actual=f"{len(early)} of {len(jobs)} began early, one after "
        f"{begun_s(early[0]) - early[0].submitted_s:.2f} s"
        if early
        else "",
        jobs=tuple(early),
    )


@requirement("PROM-004", wait=lambda _: _FRACTION_S)
async def test_a_delay_that_is_no_whole_number_of_seconds_is_kept(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Whoever counts in whole seconds begins most of a second early."""
    job = await target.submit(replace(_LATER, delay_s=_FRACTION_S), via=workers[0])
    await _begun([job])

    after_s = begun_s(job) - job.submitted_s
    expect_that(
        after_s >= _FRACTION_S - _EARLY_S,
        expected=f"no tick within {_FRACTION_S:g} s of the submit",
        actual=f"it began after {after_s:.2f} s",
        jobs=job,
    )


@requirement("PROM-004", wait=lambda _: _STILL_S)
async def test_a_delay_of_a_month_does_not_begin_at_once(target: System) -> None:
    """It is more milliseconds than 31 bits hold; who takes no such delay may say so."""
    cancels = target.promises.cancels if target.promises else ""
    if cancels not in ("waiting", "running") or "cancel" not in target.adapter.operations:
        raise NotAssessed("a job that waits could not be cancelled, and would be left behind")
    job, reply = await target.try_submit(replace(_LATER, delay_s=_MONTH_S))
    if job is None:
        raise NotAssessed(f"no delay of a month is taken: {reply.words}")

    async def begun() -> bool:
        return bool(job.sightings)

    _, waits = await throughout(begun, lambda seen: not seen, for_s=_STILL_S)
    await target.cancel(job)
    expect_that(
        waits,
        expected=f"no tick within {_STILL_S:g} s of a job that is delayed for a month",
        actual=f"it began after {begun_s(job) - job.submitted_s:.2f} s",
        jobs=job,
    )


@requirement("PROM-005", wait=lambda _: _DELAY_S)
async def test_delayed_jobs_that_are_due_at_one_instant_all_begin_in_time_and_once(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A dozen at once; none is late beyond the bound, none is run twice."""
    late_s = _promised(target).delay_late_s
    bound_s = _DELAY_S + late_s + target.timings.answer_s
    jobs = await asyncio.gather(
        *(target.submit(_LATER, via=workers[i % len(workers)]) for i in range(_AT_ONE_INSTANT))
    )
    await all_begun(jobs, within_s=bound_s)

    async def done() -> list[list[int]]:
        return [sorted(seen.tick for seen in job.sightings) for job in jobs]

    await throughout(done, lambda _: True, for_s=_STILL_S)
    lateness = [begun_s(job) - job.submitted_s - _DELAY_S for job in jobs if job.sightings]
    target.history.measure(DELAY_LATENESS, (max(0.0, late) for late in lateness))
    late = [job for job in jobs if begun_s(job) > job.submitted_s + bound_s]
    wrong = [ticks for ticks in await done() if ticks != list(_LATER.expected_ticks)]
    expect_that(
        not late and not wrong,
        expected=f"each begins within {late_s:g} s of its time (and an answer's {bound_s:g} s "
        "of its submit) and does its ticks once",
        actual=f"{len(late)} of {len(jobs)} late or never; ticks done otherwise: {wrong[:3]}",
        jobs=tuple(late),
    )


@requirement("PROM-019", wait=lambda _: _DELAY_S)
async def test_the_status_of_a_job_that_waits_for_its_time_is_no_end(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Asked of each worker in turn until it has begun, or its time has come."""
    job = await target.submit(_LATER, via=workers[0])
    early: list[StatusReply] = []
    told: list[StatusReply] = []

    async def look() -> bool:
        for at in workers:
            reply = await status(job, via=at)
            if reply.ending is not None and not job.sightings:
                early.append(reply)
            told.append(reply)
        return bool(early or job.sightings)

    await eventually(look, bool, within_s=_DELAY_S - _EARLY_S)
    if early and target.history.now_s() > job.submitted_s + _DELAY_S:
        raise Inconclusive("its time had come when its end was told")
    if not any(reply.kind is Kind.SUCCESS for reply in told):
        raise Inconclusive(f"no status was told before its time: {told[0].words}")
    expect_that(
        not early,
        expected="no final state of a job that has not begun",
        actual=f"it was told as {early[0].state!r}" if early else "",
        jobs=job,
    )


@requirement("PROM-006")
async def test_a_job_that_always_fails_is_run_as_often_as_was_asked_and_told_to_have_failed(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One run and its retries, each seen by the witness; none after the end was told."""
    retries = min(_MOST_RETRIES, _promised(target).retries)
    probe = Probe(ticks=2, interval_s=0.1, fail_at=1, retries=retries, witnessed=True)

    job, told = await _run_to_its_end(target, probe, retries)

    runs = sum(seen.tick == 0 for seen in job.sightings)
    expect_that(
        runs == 1 + retries and told is Ending.FAILED,
        expected=f"{1 + retries} runs, and then told to have failed",
        actual=f"{runs} runs, told: {told.value}",
        jobs=job,
    )


@requirement("PROM-006", wait=lambda _: _BRIEFLY_S, promises=("delay_late_s",))
async def test_a_job_that_was_delayed_is_run_again_as_often_as_was_asked(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It always fails: its retries are as many as without a delay."""
    retries = min(_MOST_RETRIES, _promised(target).retries)
    probe = Probe(
        ticks=2,
        interval_s=0.1,
        fail_at=1,
        retries=retries,
        delay_s=_BRIEFLY_S,
        witnessed=True,
    )

    job, told = await _run_to_its_end(target, probe, retries)

    runs = sum(seen.tick == 0 for seen in job.sightings)
    expect_that(
        runs == 1 + retries and told is Ending.FAILED,
        expected=f"{1 + retries} runs, and then told to have failed",
        actual=f"{runs} runs of a job that was delayed, told: {told.value}",
        jobs=job,
    )


@requirement("PROM-007")
async def test_a_job_that_succeeds_at_last_is_told_to_have_completed_and_runs_no_more(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It fails once, with a retry to spare."""
    probe = Probe(ticks=3, interval_s=0.1, fail_times=1, retries=_spare(target), witnessed=True)

    job, told = await _run_to_its_end(target, probe, 1)

    ticks = [seen.tick for seen in job.sightings]
    expect_that(
        ticks == [0, 0, 1, 2] and told is Ending.COMPLETED,
        expected="ticks 0, and in the second run 0, 1, 2; told to have completed",
        actual=f"ticks {ticks}, told: {told.value}",
        jobs=job,
    )


@requirement("PROM-007")
async def test_of_many_retries_as_many_are_left_as_are_needed(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It fails twice and has ten retries and more, where so many are promised: 2 is less than 10,
    though not as a text.
    """
    retries = _promised(target).retries
    if retries < _TWO_DIGITS:
        raise NotAssessed(f"needs [promises] retries of {_TWO_DIGITS} or more")
    retries = min(retries, _TWO_DIGITS)
    probe = Probe(ticks=2, interval_s=0.1, fail_times=2, retries=retries, witnessed=True)

    job, told = await _run_to_its_end(target, probe, 2)

    ticks = [seen.tick for seen in job.sightings]
    expect_that(
        ticks == [0, 0, 0, 1] and told is Ending.COMPLETED,
        expected=f"with {retries} retries, two runs that fail and one that completes",
        actual=f"ticks {ticks}, told: {told.value}",
        jobs=job,
    )


@requirement("PROM-008")
async def test_between_two_runs_there_is_at_least_the_declared_pause(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """From the end of one run to the first tick of the next; a pause may be a matter of chance, so
    several jobs make it. Two of them work for a while before they fail: it counts from there.
    """
    promised = _promised(target)
    retries = min(_MOST_RETRIES, promised.retries)
    brief = Probe(ticks=2, interval_s=0.0, fail_at=1, retries=retries, witnessed=True)
    longer = replace(brief, interval_s=_WORKED_S, retries=1)

    runs = await asyncio.gather(
        *(_run_to_its_end(target, brief, retries) for _ in range(_RETRIED_AT_ONCE)),
        *(_run_to_its_end(target, longer, 1) for _ in range(2)),
    )

    jobs = [job for job, _ in runs]
    pauses = [pause for job in jobs for pause in _pauses(job)]
    if not pauses:
        raise Inconclusive("none was run again at all")
    expect_that(
        min(pauses) >= promised.retry_pause_s - _EARLY_S,
        expected=f"at least {promised.retry_pause_s:g} s between two runs",
        actual=f"pauses of {', '.join(f'{pause:.2f}' for pause in sorted(pauses))} s",
        jobs=tuple(jobs),
    )


def _pauses(job: Job) -> list[float]:
    """From one run's end, an interval after its first tick, which is its last, to the next one."""
    began_s = [seen.at_s for seen in job.sightings if seen.tick == 0]
    return [later - earlier - job.probe.interval_s for earlier, later in pairwise(began_s)]


async def _run_to_its_end(target: System, probe: Probe, retries: int) -> tuple[Job, Ending]:
    """The job after its last run, and how it was told to have ended."""
    pause_s = _promised(target).retry_pause_s
    if pause_s > _LONGEST_PAUSE_S:
        raise NotAssessed(f"{pause_s:g} s between two runs are longer than is waited for")
    within_s = target.within(probe) * (1 + retries) + retries * 3 * pause_s
    within_s += retries * target.timings.recovery_s
    job = await target.submit(probe)
    delivered = await read_job(job, within_s=within_s)

    async def runs() -> int:
        return len(job.sightings)

    await throughout(runs, lambda _: True, for_s=_STILL_S + 2 * pause_s)
    return job, delivered.ending


async def _begun(jobs: list[Job]) -> None:
    system = jobs[0].system
    within_s = _DELAY_S + _promised(system).delay_late_s + system.timings.recovery_s
    if not await all_begun(jobs, within_s=within_s):
        raise Inconclusive(f"a delayed job did not begin within {within_s:.0f} s")


def _promised(target: System) -> Promises:
    return target.promises or Promises()


def _spare(target: System) -> int:
    """One more retry than is needed, where so many are promised."""
    return min(2, _promised(target).retries)
