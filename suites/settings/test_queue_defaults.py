"""What holds when nothing is set ("Configuration reference").

The cases about the Redis queue's defaults share one target, started with nothing but the
queue's host and port.
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    eventually,
    expect_that,
    require_answer,
    requirement,
)
from queueproof.running.launch import Launch
from queueproof.targets.langflow.settings import DEFAULTED
from queueproof.targets.redis_view import Key

MARKER_LIFE_S = 60.0


@requirement("SETT-003")
async def test_the_queue_type_is_asyncio_by_default(launch: Launch) -> None:
    """Without a queue type the queue is in memory, whatever Redis settings stand beside."""
    system = await launch.system({"LANGFLOW_JOB_QUEUE_TYPE": None}, workers=1)

    monitor = await system.monitor()

    require_answer(monitor, 200, to="the monitor")
    backend = monitor.body.get("backend")
    if not backend:
        raise Inconclusive("the monitor names no backend")
    expect_that(
        backend != "redis",
        expected="without LANGFLOW_JOB_QUEUE_TYPE the queue is in memory",
        actual=f"the monitor's backend is {backend!r}",
    )


@requirement("SETT-009")
async def test_the_cancel_channel_is_enabled_by_default(launch: Launch) -> None:
    """Every worker listens for cancels without having been told to."""
    system = (await launch.shared(DEFAULTED)).system

    async def deaf() -> list[str]:
        monitors = await system.monitors()
        for worker, monitor in monitors.items():
            require_answer(monitor, 200, to=f"the monitor of worker {worker}")
        return [
            f"worker {worker}"
            for worker, monitor in monitors.items()
            if monitor.body.get("cancel_dispatcher_running") is not True
        ]

    silent, heard = await eventually(deaf, lambda d: not d, within_s=system.timings.answer_s)

    expect_that(
        heard,
        expected="cancel_dispatcher_running is true on every worker",
        actual=f"it is not on {', '.join(silent)}",
    )


@requirement("SETT-010", workers=2)
async def test_the_cancel_marker_lives_sixty_seconds_by_default(launch: Launch) -> None:
    """A cancel from another worker leaves a key that lives for a minute."""
    system = (await launch.shared(DEFAULTED)).system
    job = await system.submit(Probe(ticks=100, interval_s=0.05), via=system.workers[0])
    before, _ = await eventually(lambda: keys_of(job), bool, within_s=system.timings.answer_s)

    reply = await system.cancel(job, via=system.workers[-1])
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")

    after, _ = await eventually(
        lambda: keys_of(job), lambda keys: bool(new(keys, before)), within_s=1.0
    )
    marked = new(after, before)
    if not marked:
        raise Inconclusive("the cancel left no key behind")
    expect_that(
        any(MARKER_LIFE_S - 10 < (key.ttl_s or 0) <= MARKER_LIFE_S for key in marked),
        expected="a cancel leaves a key that lives 60 s",
        actual=", ".join(f"{key.name} lives {key.ttl_s} s" for key in marked),
        jobs=job,
    )


async def keys_of(job: Job) -> list[Key]:
    """The job's keys."""
    assert job.system.redis is not None
    return await job.system.redis.keys_of(job.id)


def new(keys: list[Key], before: list[Key]) -> list[Key]:
    """Those of `keys` that were not there before."""
    known = {key.name for key in before}
    return [key for key in keys if key.name not in known]
