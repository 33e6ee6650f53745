"""What keeps a job's keys alive outlives an outage
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

from queueproof.case import (
    Access,
    Kind,
    Probe,
    eventually,
    expect,
    kept_alive,
    read_stream,
    require_answer,
    requirement,
)
from queueproof.case_helpers.moments import pass_time
from queueproof.faults import injected
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.running.launch import Launch

_TTL_S = 4
_SETTING = "LANGFLOW_REDIS_QUEUE_TTL"
_FROZEN_S = 4.0
_QUIET = Probe(ticks=4, interval_s=0.05, quiet_after=1, quiet_s=_TTL_S + 2.0)


@requirement("TTL-005", access=Access.LAUNCH, wait=lambda _: _FROZEN_S + _QUIET.duration_s)
async def test_a_job_after_an_outage_that_is_quiet_for_long_is_streamed_whole(
    launch: Launch,
) -> None:
    """Redis hangs for some seconds; what renews a time to live does so for later jobs as well."""
    lane = await launch.lane({_SETTING: str(_TTL_S)}, workers=1)
    target, worker = lane.system, lane.system.workers[0]
    async with injected(FrozenProcess(lane.redis.victim, "Redis"), target.history):
        await pass_time(target, _FROZEN_S)
    (_, reply), _ = await eventually(
        lambda: target.try_submit(Probe(ticks=1), via=worker),
        lambda answer: answer[1].kind is Kind.SUCCESS,
        within_s=target.timings.recovery_s,
    )
    require_answer(reply, Kind.SUCCESS, to="a submit after the outage")

    job = await target.submit(_QUIET, via=worker)
    async with kept_alive(job, via=worker):
        delivered = await read_stream(job, via=worker)

    expect(delivered).to_be_complete_and_in_order()
