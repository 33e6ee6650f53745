"""The monitor of a deployment with the in-memory queue
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Monitor the job queue).
"""

from __future__ import annotations

from queueproof.case import System, expect_that, require_answer, requirement
from queueproof.running.launch import Launch
from queueproof.targets.protocol import MonitorReply

IN_MEMORY = {"LANGFLOW_JOB_QUEUE_TYPE": "asyncio"}


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


async def _monitor(target: System) -> MonitorReply:
    reply = await target.monitor()
    require_answer(reply, 200, to="the monitor")
    return reply
