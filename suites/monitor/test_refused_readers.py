"""What the gauges say after readers who were refused, and jobs that were reclaimed
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body).
"""

from __future__ import annotations

from queueproof.case import (
    Access,
    CounterDelta,
    Inconclusive,
    Kind,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    in_words,
    matches,
    require_answer,
    requirement,
)
from queueproof.running.launch import Launch

_KILLS = "polling_watchdog_kills"
_ABANDONED = Probe(ticks=600, interval_s=0.1)
_BRISK = {
    "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S": "0.8",
    "LANGFLOW_REDIS_QUEUE_POLLING_WATCHDOG_INTERVAL_S": "0.3",
}


@requirement("MONI-007", workers=2, alone=True)
async def test_readers_that_were_refused_are_not_counted(target: System) -> None:
    """consumer_wrapper_count is where it was after polls and streams of jobs that never were."""
    tally = await CounterDelta.begin(target)
    for at in target.workers:
        poll = await target.poll(target.unknown_job(), via=at, within_s=target.patience_s)
        async with target.stream(target.unknown_job(), via=at) as stream:
            replies = (poll, stream.reply)
        for reply in replies:
            require_answer(reply, Kind.REFUSAL, to=f"a reader of an unknown job on worker {at}")

    after = await tally.gauge_rises_to(
        "consumer_wrapper_count", {}, within_s=target.timings.answer_s
    )

    await tally.expect_that(
        matches(after, {}),
        expected="no reader is counted once all were refused",
        actual=in_words("consumer_wrapper_count", after),
    )


@requirement("MONI-005", access=Access.LAUNCH, needs=("monitor",), wait=lambda _: 1.5)
async def test_a_job_that_was_reclaimed_is_no_longer_active(launch: Launch) -> None:
    """active_jobs is 0 once the watchdog has counted the only job, whose client went away."""
    target = await launch.system(_BRISK, workers=1)
    worker = target.workers[0]
    before = await _counted(target, worker, _KILLS)
    job = await target.submit(_ABANDONED, via=worker)
    require_answer(await target.poll(job, via=worker), Kind.SUCCESS, to="a poll")

    within_s = target.timings.cancel_effect_s + target.timings.answer_s
    _, reclaimed = await eventually(
        lambda: _counted(target, worker, _KILLS), lambda seen: seen > before, within_s=within_s
    )
    if not reclaimed:
        raise Inconclusive("the abandoned build was not reclaimed")
    active, none = await eventually(
        lambda: _counted(target, worker, "active_jobs"), lambda seen: not seen, within_s=within_s
    )

    expect_that(
        none,
        expected="active_jobs 0 once the only job was reclaimed",
        actual=f"active_jobs {active} still {within_s:.0f} s after it was counted as reclaimed",
        jobs=job,
    )


async def _counted(target: System, worker: Worker, name: str) -> int:
    reply = await target.monitor(via=worker)
    if name not in reply.counters:
        raise Inconclusive(f"the monitor does not tell {name}: {reply.words}")
    return reply.counters[name]
