"""Health that can be asked for, and that tells the truth
(`Flowise, "Running Flowise using Queue"`, Health Checks).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Kind,
    NotAssessed,
    Probe,
    System,
    eventually,
    expect_that,
    new_job,
    predict,
    require_service,
    requirement,
    server_health,
    throughout,
    work_begun,
    work_goes_on,
    worker_health,
)
from queueproof.faults import injected
from queueproof.faults.flush import EmptiedRedis
from queueproof.faults.redis_restart import LostRedis
from queueproof.faults.refused_connections import UnreachableRedis
from queueproof.running.launch import Launch
from queueproof.targets.protocol import Reply

_SERVER_ERROR = 500
#: Longer than a worker that looks for jobs every second goes without one.
FULL = Probe(ticks=16, interval_s=0.5, witnessed=True)
BRIEF = Probe(ticks=1, interval_s=0.05)


@requirement("HEAL-001")
async def test_the_server_answers_at_its_ping(target: System) -> None:
    """A server that does its work says so."""
    reply = await server_health(target)

    expect_that(reply.status == 200, expected="200", actual=reply.words)


@requirement("HEAL-002")
async def test_every_worker_answers_at_its_healthz(target: System) -> None:
    """Every worker whose address is known."""
    workers = [worker for worker in target.crew if worker.url]
    if not workers:
        raise NotAssessed("needs the addresses of the workers' health (worker_urls)")
    replies = await asyncio.gather(*(worker_health(target, worker) for worker in workers))

    for worker, reply in zip(workers, replies, strict=True):
        expect_that(reply.status == 200, expected="200", actual=f"{worker}: {reply.words}")


@requirement("HEAL-003", alone=True, wait=lambda t: t.outage_answer_s)
async def test_while_redis_is_away_the_server_is_not_healthy(target: System) -> None:
    """Its ping answers in bounded time, and not with 200."""
    assert target.redis is not None
    bound_s = target.timings.outage_answer_s
    async with injected(UnreachableRedis(target.redis), target.history):
        reply, unwell = await eventually(
            lambda: server_health(target, within_s=bound_s), is_unwell, within_s=bound_s
        )

    expect_that(
        unwell,
        expected=f"a server error (5xx) within {bound_s:.0f} s of Redis going away",
        actual=reply.words,
    )


@requirement("HEAL-005", alone=True, wait=lambda t: t.recovery_s)
async def test_a_server_that_hears_of_no_completion_is_not_healthy(target: System) -> None:
    """After Redis lost data and connections it either answers predictions or admits it does not."""
    assert target.redis is not None
    await require_service(target, BRIEF)
    async with injected(EmptiedRedis(target.redis), target.history):
        pass

    async def truthful() -> tuple[Reply, Reply]:
        answer = await predict(new_job(target, BRIEF), within_s=target.patience_s)
        return answer, await server_health(target)

    (answer, health), honest = await eventually(
        truthful,
        lambda seen: seen[0].status == 200 or is_unwell(seen[1]),
        within_s=target.timings.recovery_s,
    )

    expect_that(
        honest,
        expected="predictions are answered, or the ping says that something is wrong",
        actual=f"a prediction gets: {answer.words}; the ping says: {health.words}",
    )


@requirement("HEAL-004", wait=lambda t: t.outage_answer_s)
async def test_a_worker_without_redis_is_not_healthy(launch: Launch) -> None:
    """It takes no jobs, and says so."""
    lane = await launch.lane({}, workers=1)
    target, bound_s = lane.system, lane.system.timings.outage_answer_s
    async with injected(LostRedis(lane.redis), target.history):
        reply, unwell = await eventually(
            lambda: worker_health(target, target.crew[0]), is_unwell, within_s=bound_s
        )

    expect_that(
        unwell,
        expected=f"a server error (5xx) within {bound_s:.0f} s of Redis going away",
        actual=reply.words,
    )


@requirement("HEAL-007", needs=("witness",), wait=lambda _: FULL.duration_s)
async def test_a_worker_that_has_as_many_jobs_as_it_may_is_healthy(launch: Launch) -> None:
    """It takes no other while it runs its only one, and nothing is wrong with that."""
    target = (await launch.shared({"WORKER_CONCURRENCY": "1"}, workers=1)).system
    idle = await worker_health(target, target.crew[0])
    if idle.kind is not Kind.SUCCESS:
        raise Inconclusive(f"the health of an idle worker is told as {idle.words}")
    job = await target.submit(FULL)
    await work_begun(job)

    reply, well = await throughout(
        lambda: worker_health(target, target.crew[0]),
        lambda seen: seen.kind is Kind.SUCCESS,
        for_s=FULL.duration_s - 2 * FULL.interval_s,
    )

    if not await work_goes_on(job, past_s=target.history.now_s()):
        raise Inconclusive("the job was over before the worker's health was")
    expect_that(
        well,
        expected="the worker healthy, as before, while it runs the one job that it may",
        actual=reply.words,
        jobs=job,
    )


@requirement("HEAL-006", wait=lambda t: t.recovery_s / 2)
async def test_health_is_well_again_after_an_outage(launch: Launch) -> None:
    """Server and worker call themselves healthy within the bound, restarted by nobody."""
    lane = await launch.lane({}, workers=1)
    target, bound_s = lane.system, lane.system.timings.recovery_s
    async with injected(LostRedis(lane.redis), target.history):
        await eventually(
            lambda: server_health(target), is_unwell, within_s=target.timings.outage_answer_s
        )

    async def both() -> tuple[Reply, Reply]:
        return await server_health(target), await worker_health(target, target.crew[0])

    (server, worker), well = await eventually(
        both, lambda seen: seen[0].status == seen[1].status == 200, within_s=bound_s
    )

    expect_that(
        well,
        expected=f"200 from both within {bound_s:.0f} s of Redis's return",
        actual=f"server: {server.words}; worker: {worker.words}",
    )


def is_unwell(reply: Reply) -> bool:
    """Whether an answer came that says that something does not work (5xx).

    A refusal, or a path that is not there, says nothing of the health.
    """
    return reply.status is not None and reply.status >= _SERVER_ERROR
