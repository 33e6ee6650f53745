"""The gauges after jobs that did not simply complete, while polls wait, and how fresh they are
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body).
"""

from __future__ import annotations

import asyncio
import math

from queueproof.case import (
    CounterDelta,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    eventually,
    expect_counted,
    in_words,
    matches,
    poll_until_terminal,
    read_stream,
    read_until_tick,
    require_over,
    requirement,
)
from queueproof.config.deadlines import stopped_within_s
from queueproof.history import current_case

_ENDLESS = Probe(ticks=3000, interval_s=0.2, witnessed=True)
_QUIET = Probe(ticks=4, interval_s=0.05, quiet_after=1, quiet_s=2.5)
_RUNNING = Probe(ticks=100, interval_s=0.2)
_SLOW = Probe(ticks=3000, interval_s=0.2, slow_start_s=1.0, witnessed=True)
_AT_ONCE_S = 0.5
_ARRIVED_S = 0.3
_ROUNDS = 2


@requirement("MONI-005", workers=2, alone=True)
async def test_jobs_that_did_not_complete_are_no_longer_active(target: System) -> None:
    """active_jobs is back where it was after a failed, a cancelled, a dropped and a refused one,
    and after one that was cancelled in its start.
    """
    await _expect_back(target, "active_jobs")


@requirement("MONI-006", workers=2, alone=True)
async def test_no_bridge_is_counted_after_jobs_that_did_not_complete(target: System) -> None:
    """bridge_count is back where it was after a failed, a cancelled and a dropped build."""
    await _expect_back(target, "bridge_count")


@requirement("MONI-007", workers=2, alone=True)
async def test_a_polling_reader_is_counted_while_its_poll_waits_and_not_after_the_end(
    target: System,
) -> None:
    """consumer_wrapper_count rises where a poll is held, and falls once all has been polled."""
    tally = await CounterDelta.begin(target)
    job = await target.submit(_QUIET)
    reader = target.others(job.owner)[0]
    polling = asyncio.create_task(poll_until_terminal(job, via=reader))

    rise = await tally.rises(
        "consumer_wrapper_count", lambda seen: seen[reader] >= 1, within_s=_QUIET.duration_s
    )
    rose = rise[reader] >= 1
    await polling
    after = await tally.gauge_rises_to(
        "consumer_wrapper_count", {}, within_s=stopped_within_s(target.timings)
    )

    if not rose and not _read_while_a_poll_waited(job, reader):
        raise Inconclusive("the monitor was never read from beginning to end while a poll waited")
    await tally.expect_that(
        rose and matches(after, {}),
        expected=f"worker {reader} counts a reader while a poll waits there, and none afterwards",
        actual=f"while it waited {in_words('consumer_wrapper_count', rise)}, "
        f"afterwards {in_words('consumer_wrapper_count', after)}",
        jobs=job,
    )


@requirement("MONI-007", workers=2, alone=True)
async def test_polls_that_were_given_up_are_not_counted_after_the_end(target: System) -> None:
    """consumer_wrapper_count is back where it was, though clients did not wait for their polls."""
    tally = await CounterDelta.begin(target)
    job = await target.submit(_QUIET)
    for at in target.workers:
        await target.poll(job, via=at, within_s=target.timings.poll_hold_s)
        await target.poll(job, via=at, within_s=0.1)
    await poll_until_terminal(job, via=job.owner)

    after = await tally.gauge_rises_to(
        "consumer_wrapper_count", {}, within_s=stopped_within_s(target.timings)
    )

    await tally.expect_that(
        matches(after, {}),
        expected="no reader is counted once the job is over",
        actual=in_words("consumer_wrapper_count", after),
        jobs=job,
    )


@requirement("MONI-024", alone=True)
async def test_what_the_monitor_says_is_as_new_as_the_request(target: System) -> None:
    """A job that was accepted, and a cancel that was published, are counted by the next reading.

    The monitor has just been read, so that one which keeps its answer for a while would repeat it.
    """
    worker = target.workers[0]
    for _ in range(_ROUNDS):
        before = await _counters(target, worker)
        job = await target.submit(_RUNNING, via=worker)
        await _expect_at_once(job, worker, "active_jobs", above=before["active_jobs"])
        between = await _counters(target, worker)
        reply = await target.cancel(job, via=worker)
        if not reply.claims_success:
            raise Inconclusive(f"the cancel was not taken: {reply.words}")
        # A worker may end a job of its own without a word to the others.
        await _expect_at_once(job, worker, "published", above=between["published"], if_ever=True)


@requirement("MONI-024", alone=True)
async def test_the_first_reading_after_a_while_tells_what_the_second_does(target: System) -> None:
    """A monitor that answers with what it had at the reading before is a question late for ever.

    One that was late once may have counted a job between the two.
    """
    worker = target.workers[0]
    before = (await _counters(target, worker))["active_jobs"]
    for _ in range(_ROUNDS):
        job = await target.submit(_RUNNING, via=worker)
        await asyncio.sleep(_AT_ONCE_S)
        first, second = [(await _counters(target, worker))["active_jobs"] for _ in range(2)]
        if not first <= before < second:
            return
        before = second

    await expect_counted(
        target,
        holds=False,
        expected=f"a job that was accepted {_AT_ONCE_S} s ago counted by the first reading since",
        actual=f"{_ROUNDS} times it was not; at last active_jobs was {first} in it, and {second} "
        f"in the one behind it (worker {worker})",
        jobs=job,
    )


def _read_while_a_poll_waited(job: Job, at: Worker) -> bool:
    """Whether a reading of this worker's monitor lay within a poll that had arrived before it."""
    seen = [one for one in job.system.history.of_case(current_case.get()) if one.worker == at.label]
    return any(
        poll.invoked_s + _ARRIVED_S <= read.invoked_s
        and (read.ended_s or math.inf) <= (poll.ended_s or 0.0)
        for poll in seen
        if poll.kind == "poll" and poll.job == job.id
        for read in seen
        if read.kind == "monitor"
    )


async def _expect_back(target: System, name: str) -> None:
    tally = await CounterDelta.begin(target)
    jobs = await _ended_otherwise(target)

    rise = await tally.gauge_rises_to(name, {}, within_s=stopped_within_s(target.timings))

    if not matches(rise, {}):
        await require_over(jobs)
    await tally.expect_that(
        matches(rise, {}),
        expected=f"{name} back at its start once a failed, a cancelled and a dropped job are over, "
        "one was cancelled in its start and a submit was refused",
        actual=in_words(name, rise),
        jobs=tuple(jobs.values()),
    )


async def _ended_otherwise(target: System) -> dict[str, Job]:
    owner, other = target.workers[0], target.workers[-1]
    failed = await target.submit(Probe(ticks=4, interval_s=0.05, fail_at=2), via=owner)
    await read_stream(failed, via=other)
    cancelled = await target.submit(_ENDLESS, via=owner)
    await target.cancel(cancelled, via=other)
    dropped = await target.submit(_ENDLESS, via=owner)
    async with target.stream(dropped, via=other) as stream:
        await read_until_tick(stream, 0)
    await target.submit_unknown_flow(via=owner)  # one that was refused is none at all
    unbegun = await target.submit(_SLOW, via=owner)
    await target.cancel(unbegun, via=other)
    return {
        "the failed job": failed,
        "the cancelled job": cancelled,
        "the job whose reader left": dropped,
        "the job that was cancelled in its start": unbegun,
    }


async def _counters(target: System, worker: Worker) -> dict[str, int]:
    reply = await target.monitor(via=worker)
    missing = {"active_jobs", "published"} - reply.counters.keys()
    if reply.status != 200 or missing:
        raise Inconclusive(f"worker {worker}'s monitor does not tell: {reply.words} {missing}")
    return reply.counters


async def _expect_at_once(
    job: Job, worker: Worker, name: str, *, above: int, if_ever: bool = False
) -> None:
    """A counter is above a number at once; or never, where `if_ever` allows that."""
    asked_s = job.system.history.now_s()

    async def value() -> int:
        return (await _counters(job.system, worker))[name]

    seen, told = await eventually(value, lambda now: now > above, within_s=_AT_ONCE_S)
    if not told:
        seen, late = await eventually(
            value, lambda now: now > above, within_s=job.system.timings.answer_s
        )
        after_s = job.system.history.now_s() - asked_s
        if if_ever and not late:
            return
        how = f"only after {after_s:.1f} s" if late else f"{seen} still after {after_s:.1f} s"
        await expect_counted(
            job.system,
            False,
            expected=f"{name} above {above} within {_AT_ONCE_S} s of what it counts",
            actual=f"{how} (worker {worker})",
            jobs=job,
        )
