"""Jobs that say very much: more than ten thousand events, hundreds one by one, megabytes
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from queueproof.case import (
    Delivery,
    Inconclusive,
    NotAssessed,
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
#: As long as the many take to come, so that readers meet.
_FEW = Probe(ticks=24, interval_s=0.1)
_PACED = Probe(ticks=330, interval_s=0.01)
_HUGE = Probe(ticks=2, interval_s=0.05, payload_bytes=2_500_000, words=("\u20ac",))
_WITHIN_S = 60.0
_LOOKS = 2


@requirement("SUBM-007", alone=True)
async def test_more_than_ten_thousand_events_are_delivered_once_and_in_order(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A burst of more than ten thousand, streamed as it comes and polled when it is over."""

    async def few() -> list[Delivery]:
        probe = replace(_MANY, ticks=12)
        return (await _streamed_then_polled(target, workers[0], workers[-1], probe))[0]

    await _require_whole(few)

    (streamed, polled), late_s = await _streamed_then_polled(target, workers[0], workers[-1], _MANY)

    expect(streamed).to_be_complete_and_in_order()
    if not polled.ticks and late_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the polls came so late that the time to live may have been over")
    expect(polled).to_be_complete_and_in_order()


@requirement("SUBM-007", workers=2)
async def test_hundreds_of_events_that_come_one_by_one_are_delivered_once_and_in_order(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Whatever is counted in tens, fifties, hundreds or 256s is counted past its end."""
    await _require_whole(lambda: _side_by_side(target, workers, _FEW))

    for delivery in await _side_by_side(target, workers, _PACED):
        expect(delivery).to_be_complete_and_in_order()


async def _streamed_then_polled(
    target: System, owner: Worker, via: Worker, probe: Probe
) -> tuple[list[Delivery], float]:
    """What a stream and, when it has ended, polls told; how long after the end those were done."""
    job = await target.submit(probe, via=owner)
    streamed = await read_stream(job, via=via, within_s=_WITHIN_S)
    late_s = target.history.now_s() - streamed.ended_s
    polled = await poll_until_terminal(job, via=via, within_s=_WITHIN_S)
    return [streamed, polled], late_s


async def _side_by_side(
    target: System, workers: tuple[Worker, ...], probe: Probe
) -> list[Delivery]:
    """What polls through all workers in turn and two streams told of one job."""
    job = await target.submit(probe, via=workers[0])
    return await asyncio.gather(
        poll_until_terminal(job, via=alternate(workers), within_s=_WITHIN_S),
        *(read_stream(job, via=at, within_s=_WITHIN_S) for at in (workers[0], workers[-1])),
    )


async def _require_whole(few: Callable[[], Awaitable[list[Delivery]]]) -> None:
    """Raises NotAssessed where, twice, not even few events arrive in the way they are read: their
    number is not what it is then, and other requirements say what is.
    """
    for _ in range(_LOOKS):
        lacking = [
            one for one in await few() if list(one.ticks) != list(one.job.probe.expected_ticks)
        ]
        if not lacking:
            return
    raise NotAssessed(
        f"read in this way not even {lacking[0].job.probe.ticks} events arrive once and in order "
        f"({lacking[0].ending.value}): it is no matter of their number"
    )


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
