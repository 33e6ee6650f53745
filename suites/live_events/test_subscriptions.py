"""The channel between worker and stream: cleaned up afterwards, and not silently leaky
(`Flowise, "Running Flowise using Queue"`, 4. Real-time Communication and 5. Completion &
Response).
"""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    System,
    eventually,
    expect_that,
    read_to_end,
    read_until_tick,
    require_service,
    requirement,
)
from queueproof.checkers.delivery import check_delivery
from queueproof.faults import injected
from queueproof.faults.kill_clients import KilledConnections
from queueproof.faults.refused_connections import CutSubscriptions

# Long enough for a busy machine to look at it while it runs.
STEADY = Probe(ticks=30, interval_s=0.1)
UNHEARD = 6
RESUMED = Probe(ticks=50, interval_s=0.1, witnessed=True)
#: What a subscription may take to be of use, and an event to arrive.
SETTLED_S, LATE_S = 1.0, 1.0


@requirement("LIVE-005")
async def test_after_the_end_nobody_is_subscribed_to_the_jobs_channel(target: System) -> None:
    """The channel that bears the job's id is subscribed while it runs, and not for ever."""
    assert target.redis is not None
    redis = target.redis
    job = await target.submit(STEADY)

    async def channels() -> list[str]:
        return await redis.channels(job.id)

    async with target.stream(job) as stream:
        _, subscribed = await eventually(channels, bool, within_s=STEADY.duration_s)
        read = await read_to_end(stream)
    if not read.ending.is_end:
        raise Inconclusive(f"the stream did not end: {read.ending.value} {read.detail}")
    if not subscribed:
        raise Inconclusive("no channel bears the job's id, even while it is streamed")

    left, gone = await eventually(channels, lambda names: not names, within_s=_bound_s(target))

    expect_that(
        gone,
        expected=f"nobody subscribed to the job's channel {_bound_s(target):.0f} s after its end",
        actual=f"still subscribed: {', '.join(left)}",
        jobs=job,
    )


@requirement("LIVE-006", alone=True, needs=("witness",))
async def test_events_published_while_subscriptions_are_cut_are_not_lost_in_silence(
    target: System,
) -> None:
    """The stream delivers them all the same, or ends by telling of an error."""
    assert target.redis is not None
    await require_service(target)
    job = await target.submit(Probe(ticks=25, interval_s=0.1, witnessed=True))

    async def done() -> int:
        return len(job.sightings)

    async with target.stream(job) as stream:
        await read_until_tick(stream, 2)
        begun = await done()
        async with injected(CutSubscriptions(target.redis), target.history):
            now, went_on = await eventually(
                done, lambda ticks: ticks >= begun + UNHEARD, within_s=5.0
            )

        read = await read_to_end(stream, within_s=target.within(job.probe) + _bound_s(target))

    findings = check_delivery(job.probe.expected_ticks, read.ticks)
    expect_that(
        findings.clean or read.ending is Ending.FAILED,
        expected="all 25 ticks once and in order, or an error",
        actual=f"{findings.words}, then: {read.ending.value}",
        jobs=job,
    )
    if not went_on:
        raise Inconclusive(f"the job did {now - begun} ticks while subscriptions were cut: too few")


@requirement("LIVE-009", alone=True, needs=("witness",), wait=lambda _: RESUMED.duration_s)
async def test_a_stream_goes_on_as_it_happens_after_its_subscription_came_back(
    target: System,
) -> None:
    """Half of what the job does afterwards arrives before its last tick, and not all at its end."""
    assert target.redis is not None
    redis = target.redis
    await require_service(target)
    job = await target.submit(RESUMED)
    async with target.stream(job) as stream:
        await read_until_tick(stream, 2)
        subscribed = await redis.subscribers()
        async with injected(KilledConnections(redis), target.history):
            pass
        now, back = await eventually(
            redis.subscribers,
            lambda number: number >= subscribed,
            within_s=target.timings.recovery_s,
        )
        back_s = target.history.now_s() + SETTLED_S
        read = await read_to_end(stream)

    done_s = {seen.tick: seen.at_s for seen in job.sightings}
    last_done_s = done_s.get(RESUMED.ticks - 1)
    if not back or last_done_s is None:
        raise Inconclusive(f"{now} of {subscribed} subscriptions back, {len(done_s)} ticks done")
    later = [tick for tick, at_s in done_s.items() if back_s < at_s < last_done_s - LATE_S]
    if len(later) < UNHEARD:
        raise Inconclusive(f"the job did {len(later)} ticks more: too few")
    in_time = [e.tick for e in read.events if e.tick in later and e.at_s < last_done_s]
    expect_that(
        len(in_time) >= len(later) / 2,
        expected=f"ticks {later[0]}..{later[-1]} streamed before the job did its last one",
        actual=f"{len(in_time)} of these {len(later)} came by then; subscriptions had been back "
        f"for {last_done_s - back_s + SETTLED_S:.1f} s",
        jobs=job,
    )


def _bound_s(target: System) -> float:
    return target.timings.answer_s
