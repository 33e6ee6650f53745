"""The dispatcher that hears cancel signals loses its connection and comes back
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body,
cancel_dispatcher_running; Configuration reference, cancel marker).
"""

from __future__ import annotations

import asyncio
from itertools import pairwise
from statistics import median

from queueproof.case import (
    Access,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    read_until_tick,
    requirement,
    stops_while_read,
    work_begun,
)
from queueproof.case_helpers.moments import pass_time
from queueproof.case_helpers.redis_location import redis_of
from queueproof.config.deadlines import stopped_within_s
from queueproof.faults import injected
from queueproof.faults.kill_clients import KilledConnections
from queueproof.faults.pubsub_blocked import PubsubBlocked
from queueproof.faults.refused_connections import RefusedConnections
from queueproof.faults.shared.worker_faults import killed
from queueproof.running.launch import Launch
from queueproof.targets.redis_view import RedisView

WORK = Probe(ticks=600, interval_s=0.2, witnessed=True)
ATTEMPTS = 3
NOTICED_S = 1.0
WATCHED_S = 10.0
UNCHANGED_LOOKS = 12
SETTLED_WITHIN_S = 15.0
THINNING = 0.75
JITTER = 3.0


@requirement("CANC-018", workers=2, alone=True, wait=stopped_within_s)
async def test_cancels_cross_workers_again_after_the_connection_was_lost(target: System) -> None:
    """All pub/sub connections are cut once; when they are back, a cancel crosses as before."""
    redis = redis_of(target)
    subscribed = await redis.subscribers()
    async with injected(KilledConnections(redis), target.history):
        pass
    await eventually(
        redis.subscribers, lambda now: now >= subscribed, within_s=target.timings.recovery_s
    )

    job = await target.submit(WORK)
    await work_begun(job)
    reply = await target.cancel(job, via=target.others(job.owner)[0])

    await _expect_stopped(
        job,
        within_s=stopped_within_s(target.timings),
        after=f"the cancel was answered {reply.words}",
    )


@requirement("CANC-018", access=Access.LAUNCH, wait=lambda _: 3.0)
async def test_a_worker_that_began_while_it_could_not_subscribe_listens_afterwards(
    launch: Launch,
) -> None:
    """A worker is killed while Redis takes no subscription; its successor listens when it does."""
    target = await launch.system({}, workers=2)
    redis = redis_of(target)
    subscribed = await redis.subscribers()
    if subscribed < len(target.workers):
        raise Inconclusive(f"{subscribed} subscriptions for {len(target.workers)} workers")
    async with injected(PubsubBlocked(redis), target.history):
        victim = target.workers[-1]
        async with injected(await killed(target, victim), target.history):
            target.fleet.retire(victim)
            await _expect_a_successor(target)

    now, back = await eventually(
        redis.subscribers, lambda now: now >= subscribed, within_s=target.timings.recovery_s
    )

    expect_that(
        back,
        expected=f"{subscribed} subscriptions again within {target.timings.recovery_s:.0f} s",
        actual=f"{now}, though the worker that was killed has its successor",
    )


async def _expect_a_successor(target: System) -> None:
    """Raises Inconclusive where no other worker answers in time."""
    known = set(target.workers)

    async def others() -> set[Worker]:
        await target.fleet.discover(expected=len(known) + 1)
        return set(target.workers) - known

    if not (await eventually(others, bool, within_s=target.timings.recovery_s))[1]:
        raise Inconclusive("no worker began while Redis took no subscription")


@requirement("CANC-019", workers=2, alone=True, wait=lambda t: stopped_within_s(t) + 2.0)
async def test_a_cancel_while_the_dispatcher_is_away_takes_effect_when_it_is_back(
    target: System,
) -> None:
    """A cancel is taken while nobody can subscribe; soon after that the work stops."""
    job = await target.submit(WORK)
    await work_begun(job)
    fault = PubsubBlocked(redis_of(target))
    other = target.others(job.owner)[0]

    async with injected(fault, target.history):
        cancelling = asyncio.create_task(target.cancel(job, via=other))
        await eventually(fault.refusals, bool, within_s=target.timings.cancel_marker_ttl_s / 2)
    reply = await cancelling

    if not reply.claims_success:
        raise Inconclusive(f"worker {other} did not take the cancel: {reply.words}")
    await _expect_stopped(
        job,
        within_s=stopped_within_s(target.timings),
        after=f"the cancel was answered {reply.words}",
    )


@requirement("CANC-019", workers=2, alone=True, wait=lambda t: stopped_within_s(t) + 2.0)
async def test_a_stream_dropped_while_the_dispatcher_is_away_cancels_when_it_is_back(
    target: System,
) -> None:
    """A client leaves while nobody can subscribe; soon after that the work stops."""
    job = await target.submit(WORK)
    await work_begun(job)
    other, life_s = target.others(job.owner)[0], target.timings.cancel_marker_ttl_s
    redis = redis_of(target)
    subscribed = await redis.subscribers()
    async with injected(PubsubBlocked(redis), target.history):
        async with target.stream(job, via=other) as stream:
            await read_until_tick(stream, 0)
        dropped_s = target.history.now_s()
        await pass_time(target, min(NOTICED_S, life_s / 4))
    if not (
        await eventually(
            redis.subscribers, lambda now: now >= subscribed, within_s=target.timings.recovery_s
        )
    )[1]:
        raise Inconclusive("not every dispatcher came back, which CANC-018 is about")
    if target.history.now_s() - dropped_s > life_s / 2:
        raise Inconclusive("signals could be heard again when the marker's life may be over")

    await _expect_stopped(
        job, within_s=stopped_within_s(target.timings), after="its reader had left"
    )


@requirement("CANC-020", wait=lambda _: WATCHED_S)
async def test_attempts_to_reconnect_come_at_growing_intervals(launch: Launch) -> None:
    """Redis rejects every new connection; the attempts to come back grow apart.

    Other parts of a target connect when they first need to. So they get the time for that
    beforehand; and a few attempts close together prove nothing, only attempts that go on as
    densely as they began, without a longer pause, do.
    """
    target = await launch.system({}, workers=1)
    redis = redis_of(target)
    await _everybody_connected(redis)
    fault = RefusedConnections(redis)
    async with (
        injected(fault, target.history),
        injected(KilledConnections(redis), target.history),
    ):
        times = await _times_of_attempts(target, fault)

    if len(times) < ATTEMPTS:
        raise Inconclusive(f"only {len(times)} attempts to reconnect were seen")
    expect_that(
        not _steady(times),
        expected=f"attempts that grow apart within {WATCHED_S:.0f} s",
        actual="attempts after " + ", ".join(f"{time:.1f} s" for time in times[:12]),
    )


async def _everybody_connected(redis: RedisView) -> None:
    """Wait until the number of connections has not changed for a while."""
    seen: list[int] = []

    async def look() -> list[int]:
        seen.append(int((await redis.client().info("clients"))["connected_clients"]))
        return seen[-UNCHANGED_LOOKS:]

    def steady(last: list[int]) -> bool:
        return len(last) == UNCHANGED_LOOKS and len(set(last)) == 1

    _, settled = await eventually(look, steady, within_s=SETTLED_WITHIN_S)
    if not settled:
        raise Inconclusive("the target's connections to Redis never came to rest")


def _steady(times: list[float]) -> bool:
    """Whether attempts came as densely in the second half as in the first, and evenly."""
    late = sum(time > WATCHED_S / 2 for time in times)
    gaps = [later - earlier for earlier, later in pairwise([*times, WATCHED_S])]
    return late >= THINNING * (len(times) - late) and max(gaps) < JITTER * median(gaps)


async def _times_of_attempts(target: System, fault: RefusedConnections) -> list[float]:
    """When attempts were rejected, in seconds since the first look."""
    began_s = target.history.now_s()
    times: list[float] = []

    def one_more(count: int) -> bool:
        return count > len(times)

    while (left_s := began_s + WATCHED_S - target.history.now_s()) > 0:
        count, came = await eventually(fault.attempts, one_more, within_s=left_s)
        if came:
            times += [target.history.now_s() - began_s] * (count - len(times))
    return times


async def _expect_stopped(job: Job, *, within_s: float, after: str) -> None:
    expect_that(
        await stops_while_read(job, asked=job.owner, within_s=within_s),
        expected=f"no tick later than {within_s:.1f} s after the cancel",
        actual=f"the build still worked then, though {after}",
        jobs=job,
    )
