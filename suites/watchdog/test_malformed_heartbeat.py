"""A heartbeat that makes no sense
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body,
cancel_stats.activity_parse_errors).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Probe,
    System,
    Timings,
    eventually,
    expect_that,
    requirement,
    work_begun,
    work_goes_on,
)

WORK = Probe(ticks=6000, interval_s=0.1, witnessed=True)
GARBAGE = "the day before yesterday"


def past_a_kill(t: Timings) -> float:
    """Until then a watchdog that took the garbage for an age would have struck."""
    return t.stale_threshold_s + 2 * t.watchdog_interval_s + 1.0


@requirement("WDOG-011", wait=past_a_kill)
async def test_a_malformed_heartbeat_costs_no_build_its_life(target: System) -> None:
    """Garbage in the heartbeat's key: the build works on past threshold and interval."""
    redis = target.redis
    assert redis is not None
    job = await target.submit(WORK)
    await work_begun(job)
    key, found = await eventually(
        lambda: redis.heartbeat_of(job.id), bool, within_s=target.timings.answer_s
    )
    if key is None or not found:
        raise Inconclusive("no key of the job holds a recent time, so no heartbeat was found")
    await redis.put(key, GARBAGE)
    spoilt_s = target.history.now_s()

    lived = await work_goes_on(job, past_s=spoilt_s + past_a_kill(target.timings))

    if await redis.get(key) not in (GARBAGE, ""):
        raise Inconclusive("the target has overwritten the malformed heartbeat")
    expect_that(
        lived,
        expected=f"the build still works {past_a_kill(target.timings):.1f} s later",
        actual=f"it stopped after {job.sightings[-1].at_s - spoilt_s:.1f} s",
        jobs=job,
    )
