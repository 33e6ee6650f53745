"""How long a job takes ends nobody's reading of it
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Probe,
    System,
    Worker,
    alternate,
    expect,
    poll_until_terminal,
    read_stream,
    requirement,
)

# Thirty seconds is the commonest limit of an answer, of a task and of what is kept between two.
_LONG = Probe(ticks=65, interval_s=0.5)


@requirement("STRM-020", wait=lambda _: _LONG.duration_s)
async def test_a_job_of_more_than_half_a_minute_is_read_to_its_end(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One job streamed from another worker and polled through all of them, all the while."""
    job = await target.submit(_LONG, via=workers[0])

    streamed, polled = await asyncio.gather(
        read_stream(job, via=workers[-1]), poll_until_terminal(job, via=alternate(workers))
    )

    for delivery in (streamed, polled):
        expect(delivery).to_be_complete_and_in_order()
        expect(delivery).to_have_ended_somehow()
