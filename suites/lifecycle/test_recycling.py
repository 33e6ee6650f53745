"""Workers that are recycled while they serve ("Recommended Gunicorn settings")."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import chain

import httpx

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    expect,
    read_stream,
    requirement,
)
from queueproof.processes.process_view import ProcessView
from queueproof.running.launch import Launch
from queueproof.targets.langflow.visitor import visiting

MAX_REQUESTS = 100
LINES = 6
RECYCLED_WITHIN_S = 30.0
PROBE = Probe(ticks=30, interval_s=0.1)
PING_EVERY_S = 0.01
PINGS_OF_A_VISITOR = 10
TRIES = 5


@requirement("LIFE-009", wait=lambda _: PROBE.duration_s)
async def test_recycling_workers_under_traffic_loses_no_build_and_no_event(
    launch: Launch,
) -> None:
    """Builds that are streamed while their workers reach --max-requests arrive whole.

    Every worker is recycled once, and there is hardly an instant in which one has no build.
    """
    arguments = f"--max-requests {MAX_REQUESTS} --max-requests-jitter 10"
    lane = await launch.lane({"GUNICORN_CMD_ARGS": arguments}, workers=2)
    processes = ProcessView(lane.boot.child.pid)
    await lane.system.fleet.stop_sorting()

    before = processes.serving()
    deadline = time.monotonic() + RECYCLED_WITHIN_S

    def waited_for() -> bool:
        return time.monotonic() < deadline and bool(before & processes.serving())

    traffic = asyncio.create_task(pings(lane.boot.url))
    try:
        lines = await asyncio.gather(
            *(builds_in_a_line(lane.system, number, waited_for) for number in range(LINES))
        )
    finally:
        traffic.cancel()

    for delivered in chain.from_iterable(lines):
        expect(delivered).to_be_complete_and_in_order()
        expect(delivered).to_have_ended(Ending.COMPLETED)
    if kept := before & processes.serving():
        raise Inconclusive(
            f"{len(kept)} of {len(before)} workers were not recycled in {RECYCLED_WITHIN_S:.0f} s"
        )


async def builds_in_a_line(system: System, number: int, more: Callable[[], bool]) -> list[Delivery]:
    """One build after another while `more` are asked for; the lines begin one by one."""
    await asyncio.sleep(number * PROBE.duration_s / LINES)
    deliveries = []
    while more():
        deliveries.append(await build_and_read(system))
    return deliveries


async def build_and_read(system: System) -> Delivery:
    """One build through whichever workers there are.

    A worker that leaves closes its idle connections; a request that meets such a close was never
    heard and is sent again, as clients do.
    """
    job = await submitted(system)
    for _ in range(TRIES):
        with suppress(httpx.HTTPError):
            return await read_stream(job)
    raise Inconclusive(f"no stream could be opened in {TRIES} tries")


async def submitted(system: System) -> Job:
    """A job that was accepted."""
    for _ in range(TRIES):
        job, reply = await system.try_submit(PROBE)
        if job is not None:
            return job
        if reply.answered:
            break
    raise Inconclusive(f"the target did not accept the probe job: {reply.words}")


async def pings(url: str) -> None:
    """Requests over ever new connections, until cancelled."""
    while True:
        async with visiting(url) as visitor:
            for _ in range(PINGS_OF_A_VISITOR):
                await visitor.ping()
                await asyncio.sleep(PING_EVERY_S)
