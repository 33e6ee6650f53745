"""A worker that neither runs the build nor owns it goes, with readers on it
("Recommended Gunicorn settings").
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    poll_until_terminal,
    read_stream,
    read_to_end,
    read_until_tick,
    requirement,
    work_goes_on,
)
from queueproof.faults import injected
from queueproof.faults.shared.worker_faults import asked_to_stop, elsewhere, neighbours

_PROBE = Probe(ticks=40, interval_s=0.15, witnessed=True)
_GONE_WITHIN_S = 30.0
_PAST_S = 1.0


@requirement("LIFE-010", alone=True, workers=3, wait=lambda _: _PROBE.duration_s)
async def test_a_build_whose_readers_worker_stops_goes_on_and_is_delivered_elsewhere(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A stream is open on a worker that is asked to stop: the build works on, and who reads it on
    another worker receives everything.
    """
    owner = workers[0]
    leaving = (await elsewhere(target, owner, workers))[0]
    other = (await elsewhere(target, leaving, workers[1:]))[-1]
    fault, gone = await asked_to_stop(target, leaving), await neighbours(target, leaving)
    job = await target.submit(_PROBE, via=owner)
    async with target.stream(job, via=leaving) as stream:
        await read_until_tick(stream, 2)
        reading = asyncio.create_task(read_to_end(stream, within_s=_GONE_WITHIN_S))
        try:
            async with injected(fault, target.history):
                asked_s = target.history.now_s()
                read = await read_stream(job, via=other)
        finally:
            for worker in [leaving, *gone]:
                target.fleet.retire(worker)
            first = await reading

    lived = len(job.sightings) == _PROBE.ticks or await work_goes_on(job, past_s=asked_s + _PAST_S)
    polled = await poll_until_terminal(job, via=other)
    if not polled.events and not read.events:
        raise Inconclusive(f"the job could not be read elsewhere: {read.detail}")
    expect_that(
        lived,
        expected="the build goes on when the worker of its reader stops",
        actual=f"{len(job.sightings)} of {_PROBE.ticks} ticks were done; its reader there was "
        f"told: {first.ending.value}",
        jobs=job,
    )
    expect(read).to_be_complete_and_in_order()
