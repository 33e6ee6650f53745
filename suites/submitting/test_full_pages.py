"""Jobs whose events fill a page, or a batch, to the last place
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).

Whoever reads a hundred at a time sees the end of most jobs on a page that is not full.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Probe,
    System,
    Worker,
    expect,
    poll_until_terminal,
    read_stream,
    requirement,
)

#: How many events a page, a batch or a buffer may hold.
_PAGES = (10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1000)
_FEW = Probe(ticks=2, interval_s=0.0)
_AT_ONCE = 6
_WITHIN_S = 60.0


@requirement("SUBM-007", workers=2)
async def test_jobs_whose_events_fill_a_page_to_its_last_place_are_delivered_and_end_well(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Read once they are over: streamed, and polled, through a worker that does not run them."""
    samples = [
        await _read_when_over(target, _FEW, workers, by_polls=by_polls)
        for by_polls in (False, True)
    ]
    for sample in samples:
        if sample.ending is not Ending.COMPLETED or len(sample.ticks) != _FEW.ticks:
            raise Inconclusive(
                f"a job that fills no page is not delivered whole when it is over: "
                f"{len(sample.ticks)} of {_FEW.ticks} ticks, {sample.ending.value}"
            )
    beside_ticks = len(samples[0].events) - _FEW.ticks

    turn = asyncio.Semaphore(_AT_ONCE)

    async def read(page: int, *, by_polls: bool) -> Delivery:
        probe = Probe(ticks=page - beside_ticks, interval_s=0.0)
        async with turn:
            return await _read_when_over(target, probe, workers, by_polls=by_polls)

    pages = [page for page in _PAGES if page > beside_ticks]
    delivered = await asyncio.gather(
        *(read(page, by_polls=by_polls) for page in pages for by_polls in (False, True))
    )

    for delivery in delivered:
        expect(delivery).to_be_complete_and_in_order()
        expect(delivery).to_have_ended(Ending.COMPLETED)


async def _read_when_over(
    target: System, probe: Probe, workers: tuple[Worker, ...], *, by_polls: bool
) -> Delivery:
    """Once a first reader, on the job's own worker, has seen its end."""
    job = await target.submit(probe, via=workers[0])
    await read_stream(job, via=workers[0], within_s=_WITHIN_S)
    read = poll_until_terminal if by_polls else read_stream
    return await read(job, via=workers[-1], within_s=_WITHIN_S)
