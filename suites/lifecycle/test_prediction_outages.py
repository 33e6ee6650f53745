"""Workers that die and a Redis that hangs, goes, or comes back empty, where callers wait for
results (completes `Flowise, "Running Flowise using Queue"`, Queue Mode, 2. Job Creation & Dual
Channels and Start Redis).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Access,
    Ending,
    Inconclusive,
    Kind,
    Probe,
    System,
    eventually,
    expect_that,
    new_job,
    predict,
    require_service,
    requirement,
    throughout,
)
from queueproof.case_helpers.worker_loss import WORK, Casualties
from queueproof.faults import injected
from queueproof.faults.flush import EmptiedRedis
from queueproof.faults.redis_restart import LostRedis
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.running.launch import Launch

_FLOWISE = ("flowise",)
TOLD = (Ending.COMPLETED, Ending.FAILED, Ending.CANCELLED)
BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
TRIES = 4
SLACK_S = 1.0
NO_EFFECT_S = 2.0
_SERVER_ERROR = 500


@requirement(
    "LIFE-001",
    contracts=_FLOWISE,
    alone=True,
    needs=("witness",),
    wait=lambda t: t.owner_death_s + WORK.duration_s,
)
async def test_readers_of_a_killed_workers_jobs_are_told(target: System) -> None:
    """Their streams end in a stated way within the bound, be it that the job was run again."""
    async with Casualties.of(target) as casualties:
        read = await casualties.read(bound_s=target.timings.owner_death_s)

    untold = [delivery for delivery in read if delivery.ending not in TOLD]
    expect_that(
        not untold,
        expected="every reader of the dead worker's jobs is told how his job ended",
        actual="; ".join(f"{delivery.ending.value}: {delivery.detail}" for delivery in untold),
        jobs=tuple(delivery.job for delivery in untold),
    )


@requirement("LIFE-005", contracts=_FLOWISE, wait=lambda t: t.outage_answer_s)
async def test_while_redis_hangs_predictions_and_aborts_get_a_server_error(
    launch: Launch,
) -> None:
    """Both need Redis, and both are answered within the bound."""
    lane = await launch.lane({}, workers=1)
    target, within_s = lane.system, lane.system.timings.outage_answer_s + SLACK_S
    await require_service(target, BRIEF)
    running = await target.submit(WORK)

    async with injected(FrozenProcess(lane.redis.victim, "Redis"), target.history):
        predicted, aborted = await asyncio.gather(
            predict(new_job(target, BRIEF), within_s=within_s),
            target.cancel(running, within_s=within_s),
        )

    replies = {"prediction": predicted, "abort": aborted}
    wrong = [
        f"{what}: {reply.words}"
        for what, reply in replies.items()
        if reply.status is None or reply.status < _SERVER_ERROR
    ]
    expect_that(
        not wrong,
        expected=f"a server error to each within {target.timings.outage_answer_s:.0f} s",
        actual="; ".join(wrong),
    )


@requirement("LIFE-007", contracts=_FLOWISE, wait=lambda t: t.recovery_s / 2)
async def test_after_a_redis_restart_predictions_are_answered_again(launch: Launch) -> None:
    """Without a restart of server or worker, within the bound."""
    lane = await launch.lane({}, workers=1)
    await require_service(lane.system, BRIEF)
    async with injected(LostRedis(lane.redis), lane.system.history):
        await predict(new_job(lane.system, BRIEF), within_s=SLACK_S)

    await _expect_answers_again(lane.system)


@requirement(
    "LIFE-007",
    contracts=_FLOWISE,
    access=Access.REDIS,
    alone=True,
    wait=lambda t: t.recovery_s / 2,
)
async def test_after_redis_lost_data_and_connections_predictions_are_answered_again(
    target: System,
) -> None:
    """As after a restart without data: its keys and its connections are gone."""
    assert target.redis is not None
    await require_service(target, BRIEF)
    async with injected(EmptiedRedis(target.redis), target.history):
        pass

    await _expect_answers_again(target)


@requirement("LIFE-008", contracts=_FLOWISE)
async def test_a_prediction_refused_during_an_outage_never_runs(launch: Launch) -> None:
    """What was answered with an error while Redis was away stays undone when it is back."""
    lane = await launch.lane({}, workers=1)
    await require_service(lane.system, BRIEF)
    target, jobs = lane.system, [new_job(lane.system, BRIEF) for _ in range(TRIES)]
    within_s = 3 * target.timings.outage_answer_s
    async with injected(LostRedis(lane.redis), target.history):
        replies = await asyncio.gather(*(predict(job, within_s=within_s) for job in jobs))
    refused = [job for job, reply in zip(jobs, replies, strict=True) if (reply.status or 0) >= 400]
    if not refused:
        came = ", ".join(sorted({reply.words or "success" for reply in replies}))
        raise Inconclusive(f"no prediction was refused while Redis was away: {came}")

    async def ran() -> int:
        return sum(bool(job.sightings) for job in refused)

    number, innocent = await throughout(ran, lambda began: began == 0, for_s=NO_EFFECT_S)

    expect_that(
        innocent,
        expected=f"none of the {len(refused)} refused jobs runs",
        actual=f"at least {number} of them did",
        jobs=tuple(refused),
    )


async def _expect_answers_again(target: System) -> None:
    bound_s = target.timings.recovery_s
    reply, whole = await eventually(
        lambda: predict(new_job(target, BRIEF), within_s=target.patience_s),
        lambda reply: reply.kind is Kind.SUCCESS,
        within_s=bound_s,
    )
    expect_that(
        whole,
        expected=f"predictions answered within {bound_s:.0f} s of Redis's return",
        actual=f"the last one got: {reply.words}",
    )
