"""Redis hangs, goes away, comes back empty ("Introduction", "Response body")."""

from __future__ import annotations

import asyncio
import uuid

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    poll_until_terminal,
    requirement,
    stops,
    throughout,
)
from queueproof.faults import injected
from queueproof.faults.redis_restart import LostRedis
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.running.launch import Launch
from queueproof.targets.reading import read_to_end, read_until_tick
from queueproof.targets.work import work_begun

ENDLESS = Probe(ticks=400, interval_s=0.1)
SHORT = Probe(ticks=60, interval_s=0.1)
WITNESSED = Probe(ticks=3, interval_s=0.05, witnessed=True)
CANCELLED = Probe(ticks=200, interval_s=0.05, witnessed=True)
TRIES = 6
SLACK_S = 1.0
NO_EFFECT_S = 2.0
TOUCH = "activity_touch_errors"


@requirement("LIFE-005", contracts=("langflow",), wait=lambda t: t.outage_answer_s)
async def test_while_redis_hangs_requests_are_answered_with_a_server_error(
    launch: Launch,
) -> None:
    """A submit, a poll and a cancel that need Redis get a 5xx answer within the bound."""
    lane = await launch.lane({}, workers=2)
    system, within_s = lane.system, lane.system.timings.outage_answer_s + SLACK_S
    owner, other = pair(system)
    job = await system.submit(ENDLESS, via=owner)

    async with injected(FrozenProcess(lane.redis.victim, "Redis"), system.history):
        (_, submitted), polled, cancelled = await asyncio.gather(
            system.try_submit(Probe(ticks=1), via=owner, within_s=within_s),
            system.poll(job, via=other, within_s=within_s),
            system.cancel(job, via=other, within_s=within_s),
        )

    replies = {"submit": submitted, "poll": polled, "cancel": cancelled}
    wrong = [
        f"{what}: {reply.words}"
        for what, reply in replies.items()
        if reply.status is None or reply.status < 500
    ]
    expect_that(
        not wrong,
        expected=f"a server error to each within {system.timings.outage_answer_s:.0f} s",
        actual="; ".join(wrong),
        jobs=job,
    )


@requirement("LIFE-006")
async def test_a_stream_whose_data_was_lost_in_a_redis_restart_ends_with_an_error(
    launch: Launch,
) -> None:
    """A reader on another worker is not left to believe that it has read everything."""
    lane = await launch.lane({}, workers=2)
    system = lane.system
    owner, other = pair(system)
    job = await system.submit(SHORT, via=owner)
    async with system.stream(job, via=other) as stream:
        await read_until_tick(stream, 5)
        async with injected(LostRedis(lane.redis), system.history):
            pass

        read = await read_to_end(stream, within_s=system.within(SHORT) + system.timings.recovery_s)

    whole = read.ending is Ending.COMPLETED and len(set(read.ticks)) == SHORT.ticks
    expect_that(
        read.ending is Ending.FAILED or whole,
        expected="the stream ends with an error, for events of it are lost",
        actual=f"{len(read.ticks)} of {SHORT.ticks} ticks, then: {read.ending.value}",
        jobs=job,
    )


@requirement("LIFE-007", contracts=("langflow",), needs=("monitor",), wait=lambda _: 2.0)
async def test_after_a_redis_restart_service_is_whole_again(launch: Launch) -> None:
    """Submit, read and cancel across workers work within the bound, as they did before."""
    lane = await launch.lane({}, workers=2)
    system = lane.system
    lacking = await what_fails(system)
    if lacking:
        raise Inconclusive(f"service was not whole before the outage: {lacking}")
    async with injected(LostRedis(lane.redis), system.history):
        # Every worker meets the outage: one that broke over it must not hide behind the others.
        await asyncio.gather(
            *(system.try_submit(Probe(ticks=1), via=worker) for worker in system.workers)
        )

    lacking, whole = await eventually(
        lambda: what_fails(system),
        lambda failing: not failing,
        within_s=system.timings.recovery_s,
    )

    expect_that(
        whole,
        expected=f"full service within {system.timings.recovery_s:.0f} s of Redis's return",
        actual=f"still failing: {lacking}",
    )


@requirement("LIFE-007", contracts=("langflow",), wait=lambda _: 4.0)
async def test_after_a_second_redis_restart_service_is_whole_again(launch: Launch) -> None:
    """What came back once comes back again: nothing is used up by an outage."""
    lane = await launch.lane({}, workers=2)
    system = lane.system
    for outage in ("first", "second"):
        async with injected(LostRedis(lane.redis), system.history):
            await asyncio.gather(
                *(system.try_submit(Probe(ticks=1), via=worker) for worker in system.workers)
            )
        lacking, whole = await eventually(
            lambda: what_fails(system),
            lambda failing: not failing,
            within_s=system.timings.recovery_s,
        )
        if not whole and outage == "first":
            raise Inconclusive(f"service was not whole after the first restart: {lacking}")

    expect_that(
        whole,
        expected=f"full service within {system.timings.recovery_s:.0f} s of Redis's second return",
        actual=f"still failing: {lacking}",
    )


@requirement("LIFE-008", contracts=("langflow",))
async def test_a_submit_refused_during_an_outage_has_no_side_effects(launch: Launch) -> None:
    """Components of submits that were answered with an error never run."""
    lane = await launch.lane({}, workers=2)
    system, keys = lane.system, [uuid.uuid4().hex for _ in range(TRIES)]
    # A refusal that comes late, which LIFE-005 judges, is a refusal all the same.
    within_s = 3 * system.timings.outage_answer_s

    async with injected(LostRedis(lane.redis), system.history):
        answers = await asyncio.gather(
            *(
                system.try_submit(WITNESSED, key=key, via=worker, within_s=within_s)
                for key, worker in zip(keys, system.workers * TRIES, strict=False)
            )
        )
    refused = [
        key for key, (_, reply) in zip(keys, answers, strict=True) if (reply.status or 0) >= 400
    ]
    if not refused:
        came = ", ".join(sorted({reply.words or "success" for _, reply in answers}))
        raise Inconclusive(f"no submit was refused while Redis was away: {came}")

    async def ran() -> list[str]:
        return [key for key in refused if system.witness.sightings(key)]

    started, innocent = await throughout(ran, lambda keys: not keys, for_s=NO_EFFECT_S)

    expect_that(
        innocent,
        expected=f"none of the {len(refused)} refused submits runs its component",
        actual=f"at least {len(started)} of them did",
    )


async def what_fails(system: System) -> str:
    """What of the service does not work across two workers, either way; empty when all does."""
    one, other = pair(system)
    before = await system.monitors()
    deaf = [
        f"no dispatcher on worker {worker}"
        for worker, monitor in before.items()
        if monitor.body.get("cancel_dispatcher_running") is not True
    ]
    if deaf:
        return ", ".join(deaf)
    ways = ((one, other), (other, one))
    failing = await asyncio.gather(
        *(builds_fail(system, *way) for way in ways), *(cancels_fail(system, *way) for way in ways)
    )
    # A client that is not noted is taken for gone, which shows when the stale threshold is over.
    unheard = [
        f"heartbeats are not written on worker {worker}"
        for worker, monitor in (await system.monitors()).items()
        if worker in before
        and TOUCH in before[worker].counters
        and monitor.counters.get(TOUCH, 0) > before[worker].counters[TOUCH]
    ]
    return next(filter(None, (*failing, *unheard)), "")


async def builds_fail(system: System, one: Worker, other: Worker) -> str:
    """Whether a build on one worker is not delivered by the other."""
    job, reply = await system.try_submit(WITNESSED, via=one)
    if job is None:
        return f"a submit gets {reply.words}"
    read = await poll_until_terminal(job, via=other)
    lost = set(job.probe.expected_ticks) - set(read.ticks)
    return f"a build's ticks {sorted(lost)} do not arrive: {read.ending.value}" if lost else ""


async def cancels_fail(system: System, one: Worker, other: Worker) -> str:
    """Whether a cancel on one worker does not stop a build on the other."""
    job, reply = await system.try_submit(CANCELLED, via=one)
    if job is None:
        return f"a submit gets {reply.words}"
    await work_begun(job)
    answer = await system.cancel(job, via=other)
    if not answer.claims_success:
        return f"a cancel gets {answer.words} {answer.message}".rstrip()
    stopped = await stops(job, within_s=system.timings.cancel_effect_s)
    return "" if stopped else "a cancelled build goes on"


def pair(system: System) -> tuple[Worker, Worker]:
    """Two different workers."""
    if len(system.workers) < 2:
        raise Inconclusive("the launched target's workers could not be told apart")
    return system.workers[0], system.workers[1]
