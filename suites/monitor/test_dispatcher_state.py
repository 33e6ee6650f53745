"""What the monitor says of the dispatcher when its connection is lost
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body,
cancel_dispatcher_running and cancel_stats).
"""

from __future__ import annotations

from queueproof.case import (
    CounterDelta,
    Inconclusive,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    in_words,
    matches,
    requirement,
)
from queueproof.case_helpers.redis_location import redis_of
from queueproof.faults import injected
from queueproof.faults.kill_clients import KilledConnections
from queueproof.faults.pubsub_blocked import PubsubBlocked
from queueproof.faults.redis_restart import LostRedis
from queueproof.faults.refused_connections import RefusedConnections
from queueproof.running.launch import Launch

RECONNECTS = "dispatcher_reconnects"
OWNED = "dispatched_owned"
INTERNAL = "dispatcher_internal_errors"
RUNNING = "cancel_dispatcher_running"
_CANCELLED = Probe(ticks=100, interval_s=0.2)
_CUTS = 2


@requirement("MONI-015", alone=True)
async def test_a_reconnection_is_counted_on_every_worker(target: System) -> None:
    """Each worker's pub/sub connection is cut once; each counts that it came back.

    A client library may come back twice for one loss, so how often is not judged.
    """
    tally = await _tally_with_dispatchers(target)
    await _cut_once(target)

    rise = await tally.rises(
        RECONNECTS, lambda seen: all(seen.values()), within_s=target.timings.answer_s
    )

    await tally.expect_that(
        all(by > 0 for by in rise.values()),
        expected=f"{RECONNECTS} rises on every worker after its lost connection came back",
        actual=in_words(RECONNECTS, rise),
    )


@requirement("MONI-015", alone=True, wait=lambda t: t.answer_s)
async def test_a_failed_attempt_is_no_reconnection(target: System) -> None:
    """While Redis rejects every new connection nobody reconnects, and nobody counts it."""
    redis = redis_of(target)
    tally = await _tally_with_dispatchers(target)
    async with (
        injected(RefusedConnections(redis), target.history),
        injected(KilledConnections(redis), target.history),
    ):
        rise = await tally.rises(
            RECONNECTS, lambda seen: any(seen.values()), within_s=target.timings.answer_s
        )
        if await redis.subscribers():
            raise Inconclusive("somebody is subscribed all the same")

    await tally.expect_that(
        not any(rise.values()),
        expected=in_words(RECONNECTS, dict.fromkeys(target.workers, 0)),
        actual=f"{in_words(RECONNECTS, rise)}, though Redis rejected every connection",
    )


@requirement("MONI-016", alone=True)
async def test_a_lost_connection_is_no_internal_error(target: System) -> None:
    """Each worker's pub/sub connection is cut once; nobody counts an internal error."""
    tally = await _tally_with_dispatchers(target)
    await _cut_once(target)

    rise = await tally.rises_to(INTERNAL, {}, within_s=target.timings.answer_s / 2)

    await tally.expect_that(
        not any(rise.values()),
        expected=in_words(INTERNAL, dict.fromkeys(target.workers, 0)),
        actual=f"{in_words(INTERNAL, rise)} after one lost connection each",
    )


@requirement("MONI-011", workers=2, alone=True)
async def test_a_signal_counts_once_on_the_owner_after_a_reconnection_too(target: System) -> None:
    """Each worker's pub/sub connection is cut twice; whoever listened anew each time beside what
    was there counts a cancel more than once. One that was not heard is not judged here.
    """
    await _tally_with_dispatchers(target)
    for _ in range(_CUTS):
        await _cut_once(target)
    owner, asked = target.workers[:2]
    job = await target.submit(_CANCELLED, via=owner)
    tally = await CounterDelta.begin(target)
    reply = await target.cancel(job, via=asked)
    if not reply.claims_success:
        raise Inconclusive(f"worker {asked} did not take the cancel: {reply.words}")

    rise = await tally.rises_to(OWNED, {owner: 1}, within_s=target.timings.answer_s)

    if not any(rise.values()):
        raise Inconclusive("no signal was heard: a marker may have caught the cancel")
    await tally.require_nothing_reclaimed()
    await tally.expect_that(
        matches(rise, {owner: 1}),
        expected=in_words(OWNED, {at: int(at == owner) for at in rise}),
        actual=f"{in_words(OWNED, rise)} after one cancel, and {_CUTS} lost connections before",
        jobs=job,
    )


@requirement("MONI-020", alone=True, wait=lambda t: t.answer_s)
async def test_the_dispatcher_is_reported_away_while_it_cannot_subscribe(target: System) -> None:
    """While Redis takes no subscription, every worker says that its dispatcher does not run."""
    async with injected(PubsubBlocked(redis_of(target)), target.history):
        said, told = await eventually(
            lambda: _running(target),
            lambda seen: all(value is False for value in seen.values()),
            within_s=target.timings.answer_s,
        )

    expect_that(
        told,
        expected="cancel_dispatcher_running false on every worker within "
        f"{target.timings.answer_s:.0f} s, for none is subscribed",
        actual=", ".join(f"{worker}: {value}" for worker, value in said.items()),
    )


@requirement("MONI-025")
async def test_the_dispatcher_is_reported_away_while_redis_is_away(launch: Launch) -> None:
    """The monitor tells of its own process: while Redis is restarted it answers, and says so."""
    lane = await launch.lane({}, workers=1)
    target = lane.system
    if (before := await _running(target)) != dict.fromkeys(target.workers, True):
        raise Inconclusive(f"the dispatcher did not run before: {before}")

    async with injected(LostRedis(lane.redis), target.history):
        said, told = await eventually(
            lambda: _running(target),
            lambda seen: all(value is False for value in seen.values()),
            within_s=target.timings.answer_s,
        )

    expect_that(
        told,
        expected=f"cancel_dispatcher_running false within {target.timings.answer_s:.0f} s of "
        "Redis's end",
        actual=", ".join(f"{worker}: {value}" for worker, value in said.items()),
    )


async def _tally_with_dispatchers(target: System) -> CounterDelta:
    tally = await CounterDelta.begin(target)
    subscribed = await redis_of(target).subscribers()
    if subscribed < len(target.workers):
        raise Inconclusive(f"{subscribed} subscriptions for {len(target.workers)} workers")
    return tally


async def _cut_once(target: System) -> None:
    """Cut all pub/sub connections and wait until as many are there again."""
    redis = redis_of(target)
    subscribed = await redis.subscribers()
    async with injected(KilledConnections(redis), target.history):
        pass
    now, back = await eventually(
        redis.subscribers, lambda now: now >= subscribed, within_s=target.timings.recovery_s
    )
    if not back:
        raise Inconclusive(f"only {now} of {subscribed} subscriptions came back")


async def _running(target: System) -> dict[Worker, object]:
    """What each monitor says of its dispatcher, or what it answers instead."""
    replies = await target.monitors()
    return {
        at: reply.body.get(RUNNING, f"no {RUNNING}") if reply.status == 200 else reply.words
        for at, reply in replies.items()
    }
