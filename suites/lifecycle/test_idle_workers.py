"""A deployment that nobody asks for anything for a while, as at night
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).

What was connected may have been closed meanwhile: by a server's `timeout`, a firewall, a balancer.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    kept_alive,
    read_stream,
    requirement,
    work_begun,
    work_stopped,
)

_IDLE_S = 32.0
_BRIEF = Probe(ticks=5, interval_s=0.05)
_CANCELLED = Probe(ticks=600, interval_s=0.2, witnessed=True)


@requirement("LIFE-012", alone=True, workers=2, wait=lambda t: _IDLE_S + t.cancel_effect_s)
async def test_after_an_idle_spell_every_worker_builds_and_hears_cancels(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A build of each worker is read whole on another one, and a second one cancelled there."""
    await asyncio.sleep(_IDLE_S)

    await asyncio.gather(*(_expect_at_work(target, worker) for worker in target.workers))


async def _expect_at_work(target: System, worker: Worker) -> None:
    other = target.others(worker)[-1]
    brief, cancelled = [await target.submit(probe, via=worker) for probe in (_BRIEF, _CANCELLED)]
    expect(await read_stream(brief, via=other)).to_be_complete_and_in_order()

    within_s = target.timings.cancel_effect_s + target.timings.answer_s
    async with kept_alive(cancelled, via=worker):
        await work_begun(cancelled)
        reply = await target.cancel(cancelled, via=other)
        stopped = await work_stopped(cancelled, by_s=target.history.now_s() + within_s)

    expect_that(
        reply.claims_success and stopped,
        expected="a cancel at another worker, after the idle spell, takes effect",
        actual=f"answered {reply.words}; the work {'stopped' if stopped else 'went on'}",
        jobs=cancelled,
    )
