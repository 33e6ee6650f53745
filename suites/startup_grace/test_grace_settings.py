"""The grace's default, and a grace of 0
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Job,
    Kind,
    eventually,
    expect_that,
    read_stream,
    require_answer,
    requirement,
    slow_job,
)
from queueproof.running.launch import Launch

_GRACE = "LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S"
_TTL = "LANGFLOW_REDIS_QUEUE_TTL"
_THRESHOLD = "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S"
_DEFAULT_S = 30.0
_SLOW_S = 4.0
_BRIEF_S = 1.6
_ROUNDS = 3


@requirement("GRACE-004", wait=lambda _: _SLOW_S)
async def test_with_a_grace_of_0_a_stream_not_yet_created_is_the_end(launch: Launch) -> None:
    """A reader that comes before the first write is not kept waiting for it."""
    target = await launch.system({_GRACE: "0"}, workers=2)
    job = await slow_job(target, _SLOW_S)

    delivered = await read_stream(job, via=target.others(job.owner)[0])

    expect_that(
        not delivered.ticks and delivered.ending.is_end,
        expected=f"the end at once, {_SLOW_S:.0f} s before the first write",
        actual=f"{delivered.ending.value} ({delivered.detail}), ticks {delivered.ticks}",
        jobs=job,
    )


@requirement("GRACE-005", wait=lambda _: _DEFAULT_S + 4.0)
async def test_the_grace_is_30_seconds_by_default(launch: Launch) -> None:
    """Without the setting a reader waits for the first write for 30 seconds."""
    target = await launch.system({_GRACE: None, _TTL: None, _THRESHOLD: None}, workers=2)
    job = await slow_job(target, _DEFAULT_S + 4.0)
    opened_s = target.history.now_s()

    delivered = await read_stream(job, via=target.others(job.owner)[0])

    waited_s = delivered.ended_s - (delivered.began_s or opened_s)
    expect_that(
        not delivered.ticks and delivered.ending.is_end and waited_s >= _DEFAULT_S * 0.95,
        expected=f"the end after {_DEFAULT_S:.0f} s",
        actual=f"{delivered.ending.value} after {waited_s:.1f} s, ticks {delivered.ticks}",
        jobs=job,
    )


@requirement("GRACE-009", wait=lambda _: _ROUNDS * _BRIEF_S)
async def test_with_a_grace_of_0_an_early_poll_does_not_harm_the_build(launch: Launch) -> None:
    """Jobs do all their work although clients on both workers polled before they began."""
    target = await launch.system({_GRACE: "0"}, workers=2)
    for _ in range(_ROUNDS):
        job = await slow_job(target, _BRIEF_S, ticks=3)
        polls = (target.poll(job, via=worker) for worker in target.workers)
        for reply in await asyncio.gather(*polls):
            require_answer(reply, Kind.SUCCESS, Kind.REFUSAL, to="an early poll")

        done = await _work_done(job, {0, 1, 2})

        expect_that(
            done == {0, 1, 2},
            expected="ticks 0..2 done",
            actual=f"after polls that came before the first write only {sorted(done)} were done",
            jobs=job,
        )


async def _work_done(job: Job, wanted: set[int]) -> set[int]:
    """The ticks that the witness has seen done, once all of `wanted` are, or in the end."""

    async def look() -> set[int]:
        return {seen.tick for seen in job.sightings}

    return (await eventually(look, wanted.issubset, within_s=job.system.within(job.probe)))[0]
