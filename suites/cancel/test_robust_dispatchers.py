"""The dispatcher after its third loss, and after messages that make no sense; cancels after many
that failed
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body,
cancel_dispatcher_running).
"""

from __future__ import annotations

from redis.asyncio import Redis

from queueproof.case import (
    Inconclusive,
    NotAssessed,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    kept_alive,
    requirement,
    stops,
    stops_while_read,
    throughout,
    uninvolved_worker,
    work_begun,
)
from queueproof.case_helpers.redis_location import redis_of
from queueproof.config.deadlines import stopped_within_s
from queueproof.faults import injected
from queueproof.faults.kill_clients import KilledConnections
from queueproof.faults.refused_command import RefusedCommand
from queueproof.targets.redis_view import command

_WORK = Probe(ticks=600, interval_s=0.2, witnessed=True)
_LOSSES = 3
_REFUSED = 6
_DIGESTED_S = 1.0
#: Notifications of Redis itself, which are no messages of the target.
_OF_KEYS = ("__keyspace@", "__keyevent@")
_GARBAGE: tuple[str | bytes, ...] = (
    "",
    "nonsense",
    "{",
    "null",
    "[]",
    '{"job_id": null}',
    "0" * 5000,
    b"\xff\xfe\x00",
)


@requirement("CANC-018", workers=2, alone=True, wait=stopped_within_s)
async def test_cancels_cross_workers_after_every_one_of_several_losses(target: System) -> None:
    """All pub/sub connections are cut three times, each time once they are back."""
    redis = redis_of(target)
    subscribed = await redis.subscribers()
    for loss in range(1, _LOSSES + 1):
        async with injected(KilledConnections(redis), target.history):
            pass
        _, back = await eventually(
            redis.subscribers, lambda now: now >= subscribed, within_s=target.timings.recovery_s
        )
        deaf = await _still_deaf(target)
        expect_that(
            back and not deaf,
            expected=f"every worker listens again after loss {loss} of {_LOSSES}",
            actual=f"after {target.timings.recovery_s:.0f} s: {', '.join(map(str, deaf)) or 'none'}"
            " says that it does not" + ("" if back else "; subscriptions are missing"),
        )
    await _expect_a_cancel_to_cross(target, f"after {_LOSSES} losses")


@requirement("CANC-021", workers=2, alone=True, wait=stopped_within_s)
async def test_messages_that_make_no_sense_do_not_deafen_the_dispatcher(target: System) -> None:
    """Garbage on every channel that the workers listen to: they go on listening, cancels cross."""
    redis = redis_of(target)
    if not redis.ours:
        raise NotAssessed("speaks on every channel, so only on those of a launched target's Redis")
    client = redis.client(redis.home)
    channels = {str(name) for name in await command(client, "PUBSUB", "CHANNELS", "*")}
    channels = channels or await _told_on(target, client)
    if not channels:
        raise NotAssessed("no cancel is told on a channel of Redis")
    for channel in channels:
        for garbage in _GARBAGE:
            await command(client, "PUBLISH", channel, garbage)  # type: ignore[arg-type]

    deaf = await _still_deaf(target)
    if not deaf:
        deaf, _ = await throughout(
            lambda: _deaf(target), lambda workers: not workers, for_s=_DIGESTED_S
        )

    expect_that(
        not deaf,
        expected="every worker still listens after messages that make no sense",
        actual=f"cancel_dispatcher_running is not true on {', '.join(map(str, deaf))}",
    )
    await _expect_a_cancel_to_cross(target, "after messages that make no sense")


@requirement("CANC-023", workers=2, alone=True, wait=stopped_within_s)
async def test_cancels_work_again_after_many_that_redis_refused(target: System) -> None:
    """Redis takes no PUBLISH while cancel after cancel comes through one worker; whoever keeps
    something of each for ever has nothing left when one comes that could work.
    """
    owner, asked = target.workers[:2]
    jobs = [await target.submit(_WORK, via=owner) for _ in range(_REFUSED)]
    fault = RefusedCommand(redis_of(target), "publish", "spublish")
    async with injected(fault, target.history):
        refused = [await target.cancel(job, via=asked) for job in jobs]
    job = await target.submit(_WORK, via=owner)
    async with kept_alive(job, via=uninvolved_worker(job, asked)):
        await work_begun(job)
        reply, taken = await eventually(
            lambda: target.cancel(job, via=asked),
            lambda reply: reply.claims_success,
            within_s=target.timings.answer_s,
        )
        stopped = taken and await stops(job)

    expect_that(
        stopped,
        expected=f"a cancel that stops the work, when Redis takes PUBLISH again, within "
        f"{target.timings.answer_s:.0f} s",
        actual=f"the last one was answered {reply.words} after {_REFUSED} that met the refusal "
        f"({refused[-1].words})",
        jobs=job,
    )


async def _told_on(target: System, client: Redis) -> set[str]:
    """The channels on which a cancel is told; for workers that listen by patterns."""
    job, channels = await target.submit(_WORK), set[str]()
    await work_begun(job)
    async with client.pubsub() as listening:
        await listening.psubscribe("*")
        await target.cancel(job, via=target.others(job.owner)[0])

        async def heard() -> set[str]:
            said = await listening.get_message(ignore_subscribe_messages=True)
            if said and not str(said["channel"]).startswith(_OF_KEYS):
                channels.add(str(said["channel"]))
            return channels

        await eventually(heard, bool, within_s=target.timings.cancel_effect_s)
    return channels


async def _expect_a_cancel_to_cross(target: System, when: str) -> None:
    job = await target.submit(_WORK)
    await work_begun(job)
    reply = await target.cancel(job, via=target.others(job.owner)[0])
    expect_that(
        await stops_while_read(job, asked=job.owner),
        expected=f"a cancel through another worker stops the work {when}",
        actual=f"the build still worked; the cancel was answered {reply.words}",
        jobs=job,
    )


async def _still_deaf(target: System) -> list[Worker]:
    """The workers that do not say in time that they listen: a moment after they do, at best."""
    deaf, _ = await eventually(
        lambda: _deaf(target), lambda workers: not workers, within_s=target.timings.answer_s
    )
    return deaf


async def _deaf(target: System) -> list[Worker]:
    monitors = await target.monitors()
    silent = [at for at, reply in monitors.items() if reply.status != 200]
    if silent:
        raise Inconclusive(f"the monitor of worker {silent[0]} does not tell")
    return [
        at
        for at, reply in monitors.items()
        if reply.body.get("cancel_dispatcher_running") is not True
    ]
