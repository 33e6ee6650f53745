"""A worker that stands still for a moment and goes on ("Introduction")."""

from __future__ import annotations

import asyncio

from queueproof.case import (
    NotAssessed,
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    read_to_end,
    read_until_tick,
    requirement,
    stops,
    work_begun,
)
from queueproof.case_helpers.moments import pass_time
from queueproof.faults import injected
from queueproof.faults.shared.worker_faults import elsewhere, frozen

_READ = Probe(ticks=40, interval_s=0.1)
_CANCELLED = Probe(ticks=600, interval_s=0.2, witnessed=True)
_FROZEN_S = 2.0


@requirement("LIFE-011", alone=True, workers=2, wait=lambda t: _FROZEN_S + t.cancel_effect_s)
async def test_a_worker_that_was_frozen_for_a_moment_serves_as_before(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Its reader receives everything, and a build of it can be cancelled elsewhere at once."""
    frozen_one = workers[0]
    other = (await elsewhere(target, frozen_one, workers))[-1]
    if 0 < target.timings.owner_death_s <= 2 * _FROZEN_S:
        raise NotAssessed("a worker counts as dead too soon to be frozen for a moment only")
    fault = await frozen(target, frozen_one)
    read, cancelled = [
        await target.submit(probe, via=at)
        for probe, at in ((_READ, other), (_CANCELLED, frozen_one))
    ]
    await work_begun(cancelled)
    async with target.stream(read, via=frozen_one) as stream:
        await read_until_tick(stream, 2)
        async with injected(fault, target.history):
            await pass_time(target, _FROZEN_S)
        reply, delivered = await asyncio.gather(
            target.cancel(cancelled, via=other), read_to_end(stream)
        )
    stopped = await stops(cancelled)

    expect(delivered).to_be_complete_and_in_order()
    expect_that(
        reply.claims_success and stopped,
        expected="a cancel of the thawed worker's build, at another worker, takes effect",
        actual=f"answered {reply.words}; the work {'stopped' if stopped else 'went on'}",
        jobs=cancelled,
    )
