"""One queue type for everybody, and one that can be shared ("Prerequisites", "Introduction")."""

from __future__ import annotations

import re

from queueproof.case import Inconclusive, System, expect_that, requirement
from queueproof.running.stage import Launch
from queueproof.starts import expect_start

TYPE = "LANGFLOW_JOB_QUEUE_TYPE"
#: Read from output without blanks, in lower case.
MIXED = re.compile(
    r"queue_?type.{0,200}(mixed|mixing|same|differ|another|mismatch)|mixed.{0,80}queue"
)
NOT_SHARED = re.compile(
    r"worker.{0,200}(in-?memory|job_?queue|queue_?type)|(in-?memory|job_?queue).{0,200}worker"
)


@requirement("BOOT-001", workers=2)
async def test_all_workers_report_the_same_queue_type(target: System) -> None:
    """The monitors of all workers name one backend."""
    monitors = await target.monitors()

    silent = [str(worker) for worker, monitor in monitors.items() if monitor.status != 200]
    if silent:
        raise Inconclusive(f"the monitor of worker {', '.join(silent)} does not tell")
    backends = {str(worker): monitor.body.get("backend") for worker, monitor in monitors.items()}
    expect_that(
        len(set(backends.values())) == 1,
        expected="one queue type on all workers",
        actual=", ".join(f"worker {worker}: {name}" for worker, name in backends.items()),
    )


@requirement("BOOT-004")
async def test_a_deployment_of_mixed_queue_types_is_refused_or_reported(launch: Launch) -> None:
    """Beside a redis replica, an asyncio replica on the same database does not start silently."""
    redis, folder = await launch.redis(), launch.folder()
    first = await launch.attempt({TYPE: "redis", "LANGFLOW_WORKERS": "1"}, redis=redis, data=folder)
    if not first.serving:
        raise Inconclusive(f"the redis replica does not serve: {first.last_lines}")

    second = await launch.attempt(
        {TYPE: "asyncio", "LANGFLOW_WORKERS": "1"}, redis=redis, data=folder
    )

    await expect_start(second).to_be_refused_or_reported(
        expected="an asyncio replica beside a redis one is refused or reported",
        report=MIXED,
        beside=(first,),
    )


@requirement("BOOT-005")
async def test_the_in_memory_queue_with_several_workers_is_refused_or_reported(
    launch: Launch,
) -> None:
    """Two workers that cannot share their builds do not start silently."""
    boot = await launch.attempt({TYPE: "asyncio", "LANGFLOW_WORKERS": "2"})

    await expect_start(boot).to_be_refused_or_reported(
        expected="2 workers on the in-memory queue are refused or reported", report=NOT_SHARED
    )
