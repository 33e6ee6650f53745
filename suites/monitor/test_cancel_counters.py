"""The cancel counters: each is moved by its own event, on the right worker, and by nothing else
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body, cancel_stats).

Each case is alone on the target and sends one kind of signal: cancels through another worker.
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
    Worker,
    eventually,
    in_words,
    matches,
    read_stream,
    requirement,
    stops_while_read,
    work_begun,
)
from queueproof.case_helpers.counter_delta import CANCEL_COUNTERS
from queueproof.case_helpers.redis_location import redis_of
from queueproof.config.deadlines import stopped_within_s
from queueproof.faults import injected
from queueproof.faults.pubsub_blocked import PubsubBlocked
from queueproof.faults.refused_command import RefusedCommand

RUNNING = Probe(ticks=100, interval_s=0.2)
WORK = Probe(ticks=600, interval_s=0.2, witnessed=True)
BRIEF = Probe(ticks=5, interval_s=0.1)
FAILING = Probe(ticks=5, interval_s=0.1, fail_at=3)
CANCELS = 2
MARKER = "marker_hit"
PUBLISH_ERRORS = "publish_errors"


@requirement("MONI-010", workers=2, alone=True)
async def test_published_counts_each_signal_where_it_was_sent(target: System) -> None:
    """Two cancels through one worker raise its count by two, and no other worker's."""
    owner, asked = target.workers[:2]
    tally, jobs = await _cancelled(target, owner=owner, asked=asked)

    await _expect_rise(tally, "published", {asked: CANCELS}, jobs)


@requirement("MONI-011", workers=2, alone=True)
async def test_dispatched_owned_counts_each_signal_on_the_owner(target: System) -> None:
    """Two cancels of one worker's jobs raise its count by two, and no other worker's."""
    owner, asked = target.workers[:2]
    tally, jobs = await _cancelled(target, owner=owner, asked=asked)

    await _expect_rise(tally, "dispatched_owned", {owner: CANCELS}, jobs)


@requirement("MONI-012", workers=2, alone=True)
async def test_dispatched_foreign_counts_each_signal_on_all_but_the_owner(target: System) -> None:
    """Two cancels raise the count by two on every worker that does not own the jobs."""
    owner, asked = target.workers[:2]
    tally, jobs = await _cancelled(target, owner=owner, asked=asked)

    expected = dict.fromkeys(target.others(owner), CANCELS)
    await _expect_rise(tally, "dispatched_foreign", expected, jobs)


@requirement("MONI-013", workers=2, needs=("witness",), alone=True, wait=stopped_within_s)
async def test_a_cancel_that_a_marker_caught_is_counted_on_the_owner(target: System) -> None:
    """While no signal can be heard a cancel takes effect all the same: that was the marker."""
    job = await target.submit(WORK)
    await work_begun(job)
    tally = await CounterDelta.begin(target)
    other = target.others(job.owner)[0]
    async with injected(PubsubBlocked(redis_of(target)), target.history):
        await target.cancel(job, via=other)
        caught = await stops_while_read(job, asked=other)
        await tally.require_nothing_reclaimed()
        if not caught:
            raise Inconclusive("no marker caught the cancel: the build went on")
        rise = await tally.rises_to(MARKER, {job.owner: 1}, within_s=target.timings.answer_s)

    await _expect(tally, MARKER, rise, {job.owner: 1}, (job,))


@requirement("MONI-013", workers=2, alone=True)
async def test_a_cancel_that_was_heard_is_no_marker_hit(target: System) -> None:
    """Ordinary cancels move marker_hit on no worker.

    A marker may be met in the very moment of its signal; that this happens to every one of
    several cancels is no coincidence.
    """
    owner, asked = target.workers[:2]
    tally, jobs = await _cancelled(target, owner=owner, asked=asked)

    rise = await tally.rises_to(MARKER, {}, within_s=target.timings.answer_s / 2)
    await tally.expect_that(
        sum(rise.values()) < CANCELS,
        expected=f"{MARKER} stays as it was: the signals were heard",
        actual=f"{in_words(MARKER, rise)} after {CANCELS} ordinary cancels",
        jobs=jobs,
    )


@requirement("MONI-014", workers=2, alone=True)
async def test_a_refused_publish_is_counted_where_it_was_tried(target: System) -> None:
    """Redis refuses PUBLISH: the worker that was asked to cancel counts an error, alone."""
    job = await target.submit(RUNNING)
    tally = await CounterDelta.begin(target)
    asked = target.others(job.owner)[0]
    async with injected(RefusedCommand(redis_of(target), "publish", "spublish"), target.history):
        # What it is answered, an error too, is not judged: only that the trouble is counted.
        await target.cancel(job, via=asked)
        rise = await tally.rises(
            PUBLISH_ERRORS, lambda seen: seen[asked] > 0, within_s=target.timings.answer_s
        )

    elsewhere = {worker: by for worker, by in rise.items() if worker != asked and by}
    await tally.expect_that(
        rise[asked] > 0 and not elsewhere,
        expected=f"{PUBLISH_ERRORS} rises on worker {asked}, which was asked, and nowhere else",
        actual=in_words(PUBLISH_ERRORS, rise),
        jobs=job,
    )


@requirement("MONI-021", workers=2, alone=True)
async def test_a_job_that_nobody_cancels_moves_no_cancel_counter(target: System) -> None:
    """One that completes and one that fails are streamed to their ends through another worker;
    all eleven counters stay.
    """
    tally = await CounterDelta.begin(target)
    job = await target.submit(BRIEF)
    failing = await target.submit(FAILING, via=job.owner)
    for one, ends in ((job, Ending.COMPLETED), (failing, Ending.FAILED)):
        delivered = await read_stream(one, via=target.others(job.owner)[0])
        if delivered.ending is not ends:
            raise Inconclusive(f"the job did not end {ends.value}: {delivered.ending.value}")

    async def moved() -> list[str]:
        rises = {name: await tally.rise(name) for name in CANCEL_COUNTERS}
        return [in_words(name, rise) for name, rise in rises.items() if any(rise.values())]

    seen, any_moved = await eventually(moved, bool, within_s=1.0)
    await tally.expect_that(
        not any_moved,
        expected="no cancel counter moves on any worker",
        actual="; ".join(seen),
        jobs=(job, failing),
    )


async def _cancelled(
    target: System, *, owner: Worker, asked: Worker
) -> tuple[CounterDelta, tuple[Job, ...]]:
    """Jobs of `owner` that were cancelled through `asked`, and the counters before."""
    jobs = tuple([await target.submit(RUNNING, via=owner) for _ in range(CANCELS)])
    tally = await CounterDelta.begin(target)
    replies = await asyncio.gather(*(target.cancel(job, via=asked) for job in jobs))
    refused = [reply.words for reply in replies if not reply.claims_success]
    if refused:
        raise Inconclusive(f"worker {asked} did not take the cancel: {refused[0]}")
    return tally, jobs


async def _expect_rise(
    tally: CounterDelta, name: str, expected: dict[Worker, int], jobs: tuple[Job, ...]
) -> None:
    rise = await tally.rises_to(name, expected, within_s=tally.target.timings.answer_s)
    await _expect(tally, name, rise, expected, jobs)


async def _expect(
    tally: CounterDelta,
    name: str,
    rise: dict[Worker, int],
    expected: dict[Worker, int],
    jobs: tuple[Job, ...],
) -> None:
    whole = {worker: expected.get(worker, 0) for worker in rise}
    if not matches(rise, expected):
        await tally.require_nothing_reclaimed()
    await tally.expect_that(
        matches(rise, expected),
        expected=in_words(name, whole),
        actual=in_words(name, rise),
        jobs=jobs,
    )
