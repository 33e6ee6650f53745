"""The monitor of a deployment with the in-memory queue
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Monitor the job queue).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Probe,
    System,
    eventually,
    expect_that,
    read_stream,
    require_answer,
    requirement,
)
from queueproof.running.launch import Launch
from queueproof.targets.protocol import MonitorReply

IN_MEMORY = {"LANGFLOW_JOB_QUEUE_TYPE": "asyncio"}
_RUNNING = Probe(ticks=10, interval_s=0.1)
_FAILING = Probe(ticks=2, interval_s=0.05, fail_at=1)


@requirement("MONI-022")
async def test_the_in_memory_queue_reports_backend_and_active_jobs_only(launch: Launch) -> None:
    """Two fields and no third one."""
    reply = await _monitor((await launch.shared(IN_MEMORY, workers=1)).system)

    expect_that(
        set(reply.body) == {"backend", "active_jobs"},
        expected="backend and active_jobs, nothing else",
        actual=", ".join(sorted(reply.body)) or "nothing",
    )


@requirement("MONI-023")
async def test_the_in_memory_queue_calls_its_backend_asyncio(launch: Launch) -> None:
    """The name is the one that LANGFLOW_JOB_QUEUE_TYPE uses."""
    reply = await _monitor((await launch.shared(IN_MEMORY, workers=1)).system)

    expect_that(
        reply.body.get("backend") == "asyncio",
        expected='"backend": "asyncio"',
        actual=f'"backend": {reply.body.get("backend")!r}',
    )


@requirement("MONI-022")
async def test_the_in_memory_queue_counts_no_job_that_is_over(launch: Launch) -> None:
    """active_jobs rises with a job, and is back where it was once it has failed or completed."""
    target = (await launch.shared(IN_MEMORY, workers=1)).system
    worker, within_s = target.workers[0], target.timings.answer_s
    before = await _active(target)
    running = await target.submit(_RUNNING, via=worker)
    _, rose = await eventually(
        lambda: _active(target), lambda now: now > before, within_s=_RUNNING.duration_s / 2
    )
    failing = await target.submit(_FAILING, via=worker)
    for job in (running, failing):
        if not (delivered := await read_stream(job, via=worker)).ending.is_end:
            raise Inconclusive(f"a job did not come to its end: {delivered.ending.value}")

    active, back = await eventually(
        lambda: _active(target), lambda now: now <= before, within_s=within_s
    )

    expect_that(
        rose and back,
        expected=f"active_jobs above {before} while a job runs, and {before} once both are over",
        actual=f"it {'rose' if rose else 'did not rise'}, and is {active} after both",
        jobs=(running, failing),
    )


async def _active(target: System) -> int:
    reply = await _monitor(target)
    if "active_jobs" not in reply.counters:
        raise Inconclusive("the monitor has no number active_jobs")
    return reply.counters["active_jobs"]


async def _monitor(target: System) -> MonitorReply:
    reply = await target.monitor()
    require_answer(reply, 200, to="the monitor")
    return reply
