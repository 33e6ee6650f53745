"""What a build that was cancelled as it began leaves to those that come after it
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker cancellation).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Probe,
    System,
    Worker,
    begins_a_job,
    expect_that,
    requirement,
)

_PROBE = Probe(ticks=20, interval_s=0.1)
#: From a build's acceptance to its cancel: wherever in its start that meets it.
_DELAYS_S = tuple(step / 200 for step in range(12))


@requirement("CANC-022", alone=True)
async def test_builds_begin_after_others_were_cancelled_in_their_start(target: System) -> None:
    """A dozen builds a worker, each cancelled a little later in its start; then a plain one."""
    within_s = target.timings.recovery_s

    async def begin() -> list[Worker]:
        looks = (begins_a_job(target, worker, within_s=within_s) for worker in target.workers)
        begun = await asyncio.gather(*looks)
        return [at for at, begins in zip(target.workers, begun, strict=True) if begins is False]

    if idle := await begin():
        raise Inconclusive(f"no job begins on worker {idle[0]}, though none was cancelled")
    for delay_s in _DELAYS_S:
        await asyncio.gather(*(_cancelled(target, at, delay_s) for at in target.workers))
    idle = await begin()

    expect_that(
        not idle,
        expected=f"a plain job begins on every worker within {within_s:.0f} s",
        actual=f"on worker {', '.join(at.label for at in idle)} it does not, after "
        f"{len(_DELAYS_S)} builds a worker were cancelled within "
        f"{_DELAYS_S[-1] * 1000:.0f} ms of their submit",
    )


async def _cancelled(target: System, worker: Worker, delay_s: float) -> None:
    job = await target.submit(_PROBE, via=worker)
    await asyncio.sleep(delay_s)
    await target.cancel(job, via=worker)
