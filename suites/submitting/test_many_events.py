"""Jobs that say very much: more than ten thousand events, hundreds one by one, megabytes
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Probe,
    System,
    Worker,
    alternate,
    expect,
    poll_until_terminal,
    read_stream,
    requirement,
)

_MANY = Probe(ticks=10_300, interval_s=0.0)
_PACED = Probe(ticks=330, interval_s=0.01)
_HUGE = Probe(ticks=2, interval_s=0.05, payload_bytes=2_500_000, words=("\u20ac",))
_WITHIN_S = 60.0


@requirement("SUBM-007", alone=True)
async def test_more_than_ten_thousand_events_are_delivered_once_and_in_order(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A burst of more than ten thousand, streamed as it comes and polled when it is over."""
    job = await target.submit(_MANY, via=workers[0])

    streamed = await read_stream(job, via=workers[-1], within_s=_WITHIN_S)
    late_s = target.history.now_s() - streamed.ended_s
    polled = await poll_until_terminal(job, via=workers[-1], within_s=_WITHIN_S)

    expect(streamed).to_be_complete_and_in_order()
    if not polled.ticks and late_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the polls came so late that the time to live may have been over")
    expect(polled).to_be_complete_and_in_order()


@requirement("SUBM-007", workers=2)
async def test_hundreds_of_events_that_come_one_by_one_are_delivered_once_and_in_order(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Whatever is counted in tens, fifties, hundreds or 256s is counted past its end."""
    job = await target.submit(_PACED, via=workers[0])

    delivered = await asyncio.gather(
        poll_until_terminal(job, via=alternate(workers), within_s=_WITHIN_S),
        *(read_stream(job, via=at, within_s=_WITHIN_S) for at in (workers[0], workers[-1])),
    )

    for delivery in delivered:
        expect(delivery).to_be_complete_and_in_order()


@requirement("SUBM-008", alone=True)
async def test_events_of_megabytes_are_delivered_whole(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Lines of two and a half megabytes, streamed and polled, to their last character."""
    jobs = [await target.submit(_HUGE, via=workers[0]) for _ in range(2)]

    streamed, polled = await asyncio.gather(
        read_stream(jobs[0], via=workers[-1], within_s=_WITHIN_S),
        poll_until_terminal(jobs[1], via=workers[-1], within_s=_WITHIN_S),
    )

    expect(streamed).to_be_unchanged()
    expect(polled).to_be_unchanged()
