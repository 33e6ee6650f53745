"""A deployment that is given no job for a while, as at night
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction, and `Flowise,
"Running Flowise using Queue"`, 3. Worker Processing).

What was connected may have been closed meanwhile: by a server's `timeout`, a firewall, a balancer.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    Worker,
    expect,
    expect_that,
    kept_alive,
    read_stream,
    requirement,
    stops,
    work_begun,
)

_IDLE_S = 32.0
_AT_ONCE, _TRIES = 4, 2
_BRIEF = Probe(ticks=5, interval_s=0.05)
_CANCELLED = Probe(ticks=600, interval_s=0.2, witnessed=True)


def _wait(t: Timings) -> float:
    return _IDLE_S + t.cancel_effect_s


@requirement("LIFE-012", contracts=("langflow",), alone=True, workers=2, wait=_wait)
async def test_after_an_idle_spell_every_worker_builds_and_hears_cancels(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A build of each worker is read whole on another one, and a second one cancelled there."""
    await asyncio.sleep(_IDLE_S)

    await asyncio.gather(*(_expect_at_work(target, worker) for worker in target.workers))


@requirement("LIFE-012", contracts=("flowise",), alone=True, wait=_wait)
async def test_after_an_idle_spell_predictions_are_run_and_aborts_heard(target: System) -> None:
    """Several at once, for as many workers: brief ones run to their ends, long ones are aborted."""
    await asyncio.sleep(_IDLE_S)

    after_it = await _several_at_once(target)
    if any(one.ending is Ending.FAILED for one in after_it):
        for _ in range(_TRIES):  # a database that they lock for each other is no matter of idleness
            failed = [one for one in await _several_at_once(target) if one.ending is Ending.FAILED]
            if failed:
                raise Inconclusive(f"several at once fail without a spell, too: {failed[0].detail}")
    for delivered in after_it:
        expect(delivered).to_be_complete_and_in_order()
    long = await asyncio.gather(*(target.submit(_CANCELLED) for _ in range(_AT_ONCE)))
    await asyncio.gather(*(_expect_cancellable(job, via=None) for job in long))


async def _several_at_once(target: System) -> list[Delivery]:
    jobs = await asyncio.gather(*(target.submit(_BRIEF) for _ in range(_AT_ONCE)))
    return await asyncio.gather(*(read_stream(job) for job in jobs))


async def _expect_at_work(target: System, worker: Worker) -> None:
    other = target.others(worker)[-1]
    brief, cancelled = [await target.submit(probe, via=worker) for probe in (_BRIEF, _CANCELLED)]
    expect(await read_stream(brief, via=other)).to_be_complete_and_in_order()

    async with kept_alive(cancelled, via=worker):
        await _expect_cancellable(cancelled, via=other)


async def _expect_cancellable(job: Job, *, via: Worker | None) -> None:
    target = job.system
    await work_begun(job)
    reply = await target.cancel(job, via=via)

    stopped = await stops(job)
    expect_that(
        reply.claims_success and stopped,
        expected="a cancel after the idle spell, wherever the job runs, takes effect",
        actual=f"answered {reply.words}; the work {'stopped' if stopped else 'went on'}",
        jobs=job,
    )
