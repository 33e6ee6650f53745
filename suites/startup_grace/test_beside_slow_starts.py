"""A reader that waits for a first event, and those beside it
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Delivery,
    Inconclusive,
    Job,
    NotAssessed,
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    poll_until_terminal,
    read_stream,
    requirement,
    slow_job,
)
from queueproof.case_helpers.moments import wait_until

_SLOW_S = 1.5
#: The slow job takes this many times as long to begin as a quick one takes where nobody waits.
_TIMES = 3
_ASKED_S = 0.2
#: A submit that is answered late on a busy machine says nothing: it is made anew.
_TRIES = 3
_QUICK = Probe(ticks=3, interval_s=0.05)


@requirement("GRACE-011", workers=2)
async def test_readers_that_wait_for_a_first_event_hold_up_nobody_else(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A stream and a poll wait on one worker; another job is delivered there meanwhile."""
    other, grace_s = workers[-1], target.timings.startup_grace_s
    if grace_s <= _SLOW_S:
        raise NotAssessed("the startup grace is over before the slow job begins")
    for _ in range(_TRIES):  # the first may have opened connections, or met a busy moment
        slow_s = max(_SLOW_S, _TIMES * await _quick_s(target, other))
        if slow_s < grace_s:
            break
    else:
        raise Inconclusive("a quick job takes too long here to tell it from one that is held up")
    slow, quick, delivered = await _accepted_early(target, slow_s)
    if delivered.ended_s >= slow.submitted_s + slow_s:
        # What is held up is so every time, and not where nobody waits; what is slow is slow there.
        alone_s = await _quick_s(target, other)
        if _TIMES * alone_s > slow_s:
            raise Inconclusive(f"a quick job took {alone_s:.1f} s where nobody waits, too")
        slow, quick, delivered = await _accepted_early(target, slow_s)
    expect(delivered).to_be_complete_and_in_order()
    expect_that(
        delivered.ended_s < slow.submitted_s + slow_s,
        expected=f"a job of {_QUICK.duration_s:.2f} s delivered while readers wait for another's "
        "first event",
        actual=f"it took {delivered.ended_s - quick.submitted_s:.1f} s, until the slow job began",
        jobs=(slow, quick),
    )


async def _accepted_early(target: System, slow_s: float) -> tuple[Job, Job, Delivery]:
    """As `_deliver_beside`, where the quick job was accepted long before the slow one begins."""
    for _ in range(_TRIES):
        slow, quick, delivered = await _deliver_beside(target, slow_s)
        if quick.submitted_s <= slow.submitted_s + slow_s / 2:
            return slow, quick, delivered
    raise Inconclusive("the second job was accepted when the slow one was about to begin")


async def _deliver_beside(target: System, slow_s: float) -> tuple[Job, Job, Delivery]:
    """A slow job that two readers wait for, and a quick one read on their worker meanwhile."""
    slow = await slow_job(target, slow_s)
    other = target.others(slow.owner)[0]
    waiting = [
        asyncio.create_task(read_stream(slow, via=other)),
        asyncio.create_task(poll_until_terminal(slow, via=other)),
    ]
    try:
        await wait_until(target, slow.submitted_s + _ASKED_S)
        quick = await target.submit(_QUICK, via=other)
        delivered = await read_stream(quick, via=other)
    finally:
        waited = await asyncio.gather(*waiting, return_exceptions=True)
    if any(isinstance(one, BaseException) for one in waited):
        raise Inconclusive("the slow job's readers could not be followed to their ends")
    return slow, quick, delivered


async def _quick_s(target: System, worker: Worker) -> float:
    """How long a quick job takes on a worker where nobody waits, from submit to its end."""
    asked_s = target.history.now_s()
    delivered = await read_stream(await target.submit(_QUICK, via=worker), via=worker)
    return delivered.ended_s - asked_s
