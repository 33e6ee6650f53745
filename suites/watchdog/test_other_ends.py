"""What the watchdog counts, and what it takes for a sign of life
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body and Configuration
reference).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    CounterDelta,
    Inconclusive,
    Job,
    Probe,
    Role,
    System,
    Timings,
    beside,
    expect_that,
    in_words,
    matches,
    read_until_tick,
    require_answer,
    requirement,
    stops,
    throughout,
    work_begun,
)
from queueproof.case_helpers.refusals import NOT_FOR_YOU
from queueproof.config.deadlines import reclaimed_within_s

_WORK = Probe(ticks=3000, interval_s=0.2, witnessed=True)
_RUNNING = Probe(ticks=300, interval_s=0.2)
_KILLS = "polling_watchdog_kills"
_LOOKS = 4
_SOON_S = 1.0


@requirement("WDOG-003", workers=2, alone=True)
async def test_builds_that_their_clients_ended_are_not_counted(target: System) -> None:
    """One that is cancelled on another worker, and one whose stream is dropped there."""
    tally = await CounterDelta.begin(target)
    owner, other = target.workers[0], target.workers[-1]
    cancelled = await target.submit(_RUNNING, via=owner)
    reply = await target.cancel(cancelled, via=other)
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")
    dropped = await target.submit(_RUNNING, via=owner)
    async with target.stream(dropped, via=other) as stream:
        await read_until_tick(stream, 0)

    rise, spared = await throughout(
        lambda: tally.rise(_KILLS), lambda seen: matches(seen, {}), for_s=_soon(target.timings)
    )

    held = [worker for worker, numbers in tally.before.items() if numbers.get("active_jobs")]
    if any(rise[worker] for worker in held):
        raise Inconclusive("the target still held older jobs, which it may have reclaimed")
    await tally.expect_that(
        spared,
        expected=f"{_KILLS} stays as it was when clients end their builds themselves",
        actual=in_words(_KILLS, rise),
        jobs=(cancelled, dropped),
    )


@requirement("WDOG-001", workers=2, needs=("witness", "other_user"), wait=reclaimed_within_s)
async def test_what_strangers_are_refused_is_no_sign_of_life(target: System) -> None:
    """The build's client went away; another user's polls of it are refused, and do not keep it."""
    job = await target.submit(_WORK)
    await work_begun(job)
    other = target.others(job.owner)[0]
    require_answer(await target.poll(job, via=other), 200, to="a poll")

    refusals: list[str] = []
    async with beside(_asked_by_a_stranger(job, refusals), who="the stranger"):
        stopped = await stops(job, unread=True)

    expect_that(
        stopped,
        expected=f"no tick later than {reclaimed_within_s(target.timings):.1f} s after the last "
        "poll of its own client",
        actual="the build still worked then; another user's polls had been refused meanwhile",
        jobs=job,
    )
    if len(refusals) < _LOOKS:
        raise Inconclusive(f"{len(refusals)} polls of another user were refused meanwhile: too few")


async def _asked_by_a_stranger(job: Job, refusals: list[str]) -> None:
    """Polls on every worker, several a threshold; the refusals are added to those there are."""
    target = job.system
    while True:
        for worker in target.workers:
            reply = await target.poll(job, via=worker, role=Role.OTHER, within_s=target.patience_s)
            if reply.answered and reply.status not in NOT_FOR_YOU:
                raise Inconclusive(f"another user's poll was answered {reply.words}")
            refusals += [reply.words] if reply.answered else []
        await asyncio.sleep(target.timings.stale_threshold_s / _LOOKS)


def _soon(t: Timings) -> float:
    """Long enough for a counter to move, and too brief for anything to be reclaimed."""
    return min(_SOON_S, 0.4 * t.stale_threshold_s) if t.stale_threshold_s else _SOON_S
