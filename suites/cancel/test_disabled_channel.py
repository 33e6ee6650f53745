"""A deployment whose cancel channel is disabled
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference,
LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    expect_that,
    require_answer,
    requirement,
    stops,
    work_begun,
)
from queueproof.config.deadlines import stopped_within_s
from queueproof.running.launch import Launch

#: What a server answers that cannot do it, beside a refusal: not implemented, not available.
_CANNOT = (501, 503)
WORK = Probe(ticks=600, interval_s=0.2, witnessed=True)
_CHANNEL = "LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED"
DISABLED = {
    _CHANNEL: "false",
    "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S": "0",
}


@requirement("CANC-013", needs=("monitor",))
async def test_with_the_channel_disabled_no_dispatcher_runs(launch: Launch) -> None:
    """Nobody is subscribed to anything, and no monitor says that a dispatcher runs; the switch is
    written as the document writes them.
    """
    target = await launch.system({**DISABLED, _CHANNEL: "False"}, workers=1)
    assert target.redis is not None

    reply = await target.monitor()
    require_answer(reply, 200, to="the monitor")

    listening = await target.redis.subscribers()
    reported = reply.body.get("cancel_dispatcher_running", False)
    expect_that(
        reported is False and not listening,
        expected="no dispatcher: cancel_dispatcher_running false, no subscription in Redis",
        actual=f"cancel_dispatcher_running {reported}, {listening} subscribed connections",
    )


@requirement("CANC-013", wait=stopped_within_s)
async def test_with_the_channel_disabled_the_owner_still_cancels(launch: Launch) -> None:
    """A cancel at the build's own worker needs no channel."""
    target = await launch.system(DISABLED, workers=1)
    job = await target.submit(WORK)
    await work_begun(job)

    reply = await target.cancel(job, via=job.owner)

    within_s = stopped_within_s(target.timings)
    stopped = await stops(job, within_s=within_s)
    expect_that(
        stopped and reply.claims_success,
        expected="the owner's own cancel is taken and stops the work",
        actual=f"the build {'stopped' if stopped else 'still worked'} {within_s:.1f} s after the "
        f"answer {reply.words}",
        jobs=job,
    )


@requirement("CANC-013", wait=stopped_within_s)
async def test_a_cancel_stops_the_work_of_a_queue_in_memory(launch: Launch) -> None:
    """A single worker without Redis has no channel, and needs none."""
    target = await launch.system({**DISABLED, "LANGFLOW_JOB_QUEUE_TYPE": "asyncio"}, workers=1)
    job = await target.submit(WORK)
    await work_begun(job)

    reply = await target.cancel(job, via=job.owner)

    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")
    within_s = stopped_within_s(target.timings)
    expect_that(
        await stops(job, within_s=within_s),
        expected=f"no tick later than {within_s:.1f} s after the cancel",
        actual=f"the build still worked then, though the cancel was answered {reply.words}",
        jobs=job,
    )


@requirement("CANC-014", needs=("witness",), wait=stopped_within_s)
async def test_a_cancel_that_cannot_cross_workers_does_not_claim_success(launch: Launch) -> None:
    """With the channel disabled another worker either stops the build or says that it cannot."""
    target = await launch.system(DISABLED, workers=2)
    if len(target.workers) < 2:
        raise Inconclusive("the launched target shows one worker only")
    job = await target.submit(WORK)
    await work_begun(job)

    reply = await target.cancel(job, via=target.others(job.owner)[0])

    within_s = stopped_within_s(target.timings)
    stopped = await stops(job, within_s=within_s)
    honest = not reply.claims_success and (
        reply.kind in (Kind.SUCCESS, Kind.REFUSAL) or reply.status in _CANNOT
    )
    expect_that(
        stopped or honest,
        expected="the build stops, or the answer says that it does not: no success, or a refusal",
        actual=f"answered {reply.words}, and the build still worked {within_s:.1f} s later",
        jobs=job,
    )
