"""What a build that was cancelled as it began leaves to those that come after it
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker cancellation).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    PlainStart,
    Probe,
    StartOutcome,
    System,
    Worker,
    expect_that,
    requirement,
    start_plain_jobs,
)

_PROBE = Probe(ticks=20, interval_s=0.1)
#: From a build's acceptance to its cancel: wherever in its start that meets it.
_DELAYS_S = tuple(step / 200 for step in range(12))
_BROKEN = (StartOutcome.NOT_BEGUN, StartOutcome.NOT_ACCEPTED)


@requirement("CANC-022", alone=True)
async def test_builds_begin_after_others_were_cancelled_in_their_start(target: System) -> None:
    """A dozen builds a worker, each cancelled a little later in its start; then a plain one."""
    within_s = target.timings.recovery_s
    _require_begun(await start_plain_jobs(target, within_s=within_s), "before any cancel")

    cancelled = await _cancel_builds_in_their_start(target)
    if not cancelled:
        raise Inconclusive("no cancel of a build in its start was answered with success")
    starts = await start_plain_jobs(target, within_s=within_s)

    broken = [each for each in starts if each.outcome in _BROKEN]
    expect_that(
        not broken,
        expected=f"a plain job begins on every worker within {within_s:.0f} s",
        actual=f"{'; '.join(map(str, broken))}; before it {cancelled} builds were cancelled within "
        f"{_DELAYS_S[-1] * 1000:.0f} ms of their submit",
    )
    _require_begun(starts, f"after {cancelled} cancels")


def _require_begun(starts: tuple[PlainStart, ...], when: str) -> None:
    if others := [each for each in starts if each.outcome is not StartOutcome.BEGUN]:
        raise Inconclusive(f"of a plain job {when}: {'; '.join(map(str, others))}")


async def _cancel_builds_in_their_start(target: System) -> int:
    """How many cancels were claimed a success; ends early once a request is not answered."""
    cancelled = 0
    for delay_s in _DELAYS_S:
        rounds = (_cancel_a_build(target, each, delay_s) for each in target.workers)
        claims = await asyncio.gather(*rounds)
        cancelled += claims.count(True)
        if None in claims:
            break
    return cancelled


async def _cancel_a_build(target: System, worker: Worker, delay_s: float) -> bool | None:
    """Whether the target says that it cancelled a build; None where it did not answer."""
    job, submitted = await target.try_submit(_PROBE, via=worker)
    if job is None:
        return False if submitted.answered else None
    await asyncio.sleep(delay_s)
    reply = await target.cancel(job, via=worker)
    return reply.claims_success if reply.answered else None
