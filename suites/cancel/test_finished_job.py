"""A cancel that comes after the end changes nothing about it
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker cancellation).

A finished job may be forgotten in time; so a second one that nobody cancels tells what a reader
who comes afterwards can expect.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    expect_that,
    read_job,
    read_until_tick,
    requirement,
)

BRIEF = Probe(ticks=3, interval_s=0.1)
#: More than the connections between a server and a reader who does not read will hold.
_LENGTHY = Probe(ticks=250, interval_s=0.0, payload_bytes=50_000)
FAILING = Probe(ticks=4, interval_s=0.1, fail_at=2)


@requirement("CANC-007")
async def test_a_cancel_at_the_owner_after_the_end_leaves_the_end_as_it_was(
    target: System,
) -> None:
    """A reader who comes after a late cancel at the owner still sees the build completed."""
    await _expect_unchanged(target, owner=target.workers[0], asked=target.workers[0])


@requirement("CANC-007", workers=2)
async def test_a_cancel_at_another_worker_after_the_end_leaves_the_end_as_it_was(
    target: System,
) -> None:
    """A reader who comes after a late cancel at another worker still sees it completed."""
    await _expect_unchanged(target, owner=target.workers[0], asked=target.workers[1])


@requirement("CANC-007", contracts=("langflow",))
async def test_a_cancel_after_a_failure_leaves_the_failure_as_it_was(target: System) -> None:
    """A reader who comes after a late cancel, anywhere, is still told that the build failed."""
    owner, asked = target.workers[0], target.workers[-1]

    await _expect_unchanged(target, owner=owner, asked=asked, probe=FAILING, ends=Ending.FAILED)


@requirement("CANC-007", contracts=("langflow",), alone=True)
async def test_a_late_reader_who_leaves_leaves_the_end_as_it_was(target: System) -> None:
    """Who reads a finished build, and goes in the middle of it, finds it completed at the next
    visit: a dropped stream cancels what runs.
    """
    asked = target.workers[-1]
    job = await _finished(target, target.workers[0], probe=_LENGTHY, ends=Ending.COMPLETED)
    control = await _finished(target, target.workers[0], probe=BRIEF, ends=Ending.COMPLETED)

    async with target.stream(job, via=asked) as stream:
        await read_until_tick(stream, 0)

    await _expect_still(job, control, ends=Ending.COMPLETED, after=f"one left worker {asked}")


async def _expect_unchanged(
    target: System,
    *,
    owner: Worker,
    asked: Worker,
    probe: Probe = BRIEF,
    ends: Ending = Ending.COMPLETED,
) -> None:
    job, control = await asyncio.gather(
        *(_finished(target, owner, probe=probe, ends=ends) for _ in range(2))
    )

    reply = await target.cancel(job, via=asked)

    await _expect_still(job, control, ends=ends, after=f"worker {asked} answered {reply.words}")


async def _expect_still(job: Job, control: Job, *, ends: Ending, after: str) -> None:
    """A reader who comes now sees how the job ended; Inconclusive if not even the control's end."""
    reader = job.system.workers[-1]
    seen, undisturbed = await asyncio.gather(
        read_job(job, via=reader), read_job(control, via=reader)
    )
    if undisturbed.ending is not ends:
        raise Inconclusive(f"even without a cancel, later readers see: {undisturbed.ending.value}")
    expect_that(
        seen.ending is ends,
        expected=f"a later reader still sees the build {ends.value}, as if nothing had come",
        actual=f"{seen.ending.value} {seen.detail} ({after})",
        jobs=job,
    )


async def _finished(target: System, owner: Worker, *, probe: Probe, ends: Ending) -> Job:
    job = await target.submit(probe, via=owner)
    delivered = await read_job(job, via=owner)
    if delivered.ending is not ends:
        raise Inconclusive(f"the job did not end {ends.value}: {delivered.ending.value}")
    return job
