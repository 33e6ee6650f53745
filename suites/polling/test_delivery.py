"""Polling delivers every event, from any worker, once and in order
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import cycle

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Probe,
    System,
    Worker,
    alternate,
    expect,
    expect_that,
    poll_until_terminal,
    requirement,
)

_BURST = Probe(ticks=2000, interval_s=0.0)
_BURST_WITHIN_S = 60.0
_SLOWER_AND_SLOWER = (0.1, 0.5, 2.0)


@requirement("POLL-001", workers=2)
async def test_a_build_can_be_polled_to_its_end_from_every_other_worker(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """For every pair of workers: a build on the one can be polled to its end from the other."""
    for owner in workers:
        others = target.others(owner)
        delivered = await asyncio.gather(*(_polled(target, owner, via) for via in others))
        for delivery in delivered:
            expect(delivery).to_have_lost_nothing()
            expect(delivery).to_have_ended(Ending.COMPLETED)


@requirement("POLL-002")
async def test_a_build_can_be_polled_to_its_end_on_its_own_worker(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Polling only the worker that runs the build delivers every tick once, in order."""
    delivered = await asyncio.gather(*(_polled(target, owner, owner) for owner in workers))

    for delivery in delivered:
        expect(delivery).to_be_complete_and_in_order()
        expect(delivery).to_have_ended(Ending.COMPLETED)


@requirement("POLL-003", workers=2)
async def test_a_poll_on_another_worker_continues_where_the_last_one_ended(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Polling through alternating workers delivers every tick once, in order."""
    job = await target.submit(Probe(ticks=12, interval_s=0.2), via=workers[0])

    delivered = await poll_until_terminal(job, via=alternate(workers))

    _expect_each_to_continue(delivered)


@requirement("POLL-003", workers=2)
async def test_polls_that_land_anywhere_deliver_everything_once(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """An irregular mix that begins elsewhere and stays on a worker for some polls is no matter."""
    first, last = workers[0], workers[-1]
    job = await target.submit(Probe(ticks=30, interval_s=0.08), via=first)

    delivered = await poll_until_terminal(job, via=cycle([last, first, first, last, last, first]))

    _expect_each_to_continue(delivered)


@requirement("POLL-003", contracts=("langflow",), workers=2)
async def test_polls_at_the_same_time_tell_no_event_twice(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Two workers are polled side by side: what the one tells the other does not tell again."""
    job = await target.submit(Probe(ticks=20, interval_s=0.15), via=workers[0])

    both = await asyncio.gather(
        *(poll_until_terminal(job, via=at) for at in (workers[0], workers[-1]))
    )

    told = Counter(tick for one in both for tick in one.ticks)
    twice = sorted(tick for tick, times in told.items() if times > 1)
    expect_that(
        not twice,
        expected="each event told once, to the one or the other",
        actual=f"ticks {twice} of {job.probe.ticks} were told to both",
        jobs=job,
    )
    if not told or not all(one.replies > 1 for one in both):
        raise Inconclusive("the polls did not run side by side")


@requirement("POLL-010")
async def test_a_burst_of_events_is_polled_whole(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Two thousand ticks without a pause between them all arrive."""
    job = await target.submit(_BURST, via=workers[0])

    delivered = await poll_until_terminal(job, via=workers[-1], within_s=_BURST_WITHIN_S)

    expect(delivered).to_have_lost_nothing()


def _expect_each_to_continue(delivered: Delivery) -> None:
    expect(delivered).to_be_complete_and_in_order()
    if delivered.replies < 2:
        raise Inconclusive("the first poll told everything: there was nothing to continue")


async def _polled(target: System, owner: Worker, via: Worker) -> Delivery:
    """A job, polled to its end; a slower one where the first poll came when all was over."""
    for interval_s in _SLOWER_AND_SLOWER:
        job = await target.submit(Probe(ticks=6, interval_s=interval_s), via=owner)
        delivered = await poll_until_terminal(job, via=via)
        if delivered.replies > 1 or delivered.ending is not Ending.COMPLETED:
            break
    return delivered
