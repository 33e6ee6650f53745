"""Workers that are recycled while they serve ("Recommended Gunicorn settings")."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

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
from queueproof.running.environment import Launch
from queueproof.targets.langflow.visitor import visiting

MAX_REQUESTS = 100
BUILDS = 4
RECYCLED_WITHIN_S = 30.0
PROBE = Probe(ticks=30, interval_s=0.1)
PING_EVERY_S = 0.01
PINGS_OF_A_VISITOR = 10
TRIES = 5


@requirement("LIFE-009", wait=lambda _: PROBE.duration_s)
async def test_recycling_workers_under_traffic_loses_no_build_and_no_event(
    launch: Launch,
) -> None:
    """Builds that are streamed while their workers reach --max-requests arrive whole."""
    arguments = f"--max-requests {MAX_REQUESTS} --max-requests-jitter 10"
    lane = await launch.lane({"GUNICORN_CMD_ARGS": arguments}, workers=2)
    processes = ProcessView(lane.boot.child.pid)
    await lane.system.fleet.stop_sorting()

    traffic = asyncio.create_task(pings(lane.boot.url))
    try:
        deliveries = await builds_until_recycled(lane.system, processes)
    finally:
        traffic.cancel()

    for delivered in deliveries:
        expect(delivered).to_be_complete_and_in_order()
        expect(delivered).to_have_ended(Ending.COMPLETED)


async def builds_until_recycled(system: System, processes: ProcessView) -> list[Delivery]:
    """Rounds of builds side by side, until one has seen a worker go."""
    before = processes.serving()
    deadline = time.monotonic() + RECYCLED_WITHIN_S
    deliveries: list[Delivery] = []
    while before <= processes.serving():
        if time.monotonic() > deadline:
            raise Inconclusive(f"no worker was recycled within {RECYCLED_WITHIN_S:.0f} s")
        deliveries += await asyncio.gather(*(build_and_read(system) for _ in range(BUILDS)))
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
