"""Whether the service is whole: builds and cancels from each worker to the next, or what it has."""

from __future__ import annotations

import asyncio
import time

from queueproof.chaos.prediction_checks import predictions_lack
from queueproof.chaos.stopping import stops_in_time
from queueproof.chaos.watchers import has_monitor
from queueproof.chaos.wave import queue_lacks
from queueproof.errors import QueueproofError
from queueproof.history import EventKind, current_facts
from queueproof.probe import Probe
from queueproof.targets.reading import poll_until_terminal
from queueproof.targets.system import System
from queueproof.targets.worker import Worker
from queueproof.waiting import eventually

_CANARY = Probe(ticks=3, interval_s=0.05, witnessed=True)
_CANCELLED = Probe(ticks=240, interval_s=0.05, witnessed=True)
_CANARY_S = 6.0
#: Of a cancelled job's witness: the silence of ten ticks.
_STILL_S = 0.5


async def lacking(system: System) -> str:
    """What of the service does not work between each replica and the next; empty when all does."""
    current_facts.set({"ours": True})
    if system.promises is not None:
        return await queue_lacks(system)
    if "predict" in system.adapter.operations:
        return await _predictions_lack(system)
    workers = system.workers
    pairs = list(zip(workers, (*workers[1:], workers[0]), strict=True))
    troubles = await asyncio.gather(*(_pair_lacks(system, one, other) for one, other in pairs))
    return next(filter(None, troubles), "")


async def become_whole(
    system: System, *, within_s: float, unhurried: bool = False
) -> tuple[str, float]:
    """Wait for full service; what lacked at last (empty: nothing), and how long it took.

    `unhurried`: before there was a fault no slowness is one, so a wave of jobs may take as long as
    the whole wait.
    """
    began = time.monotonic()

    async def look() -> str:
        if unhurried and system.promises is not None:
            current_facts.set({"ours": True})
            return await queue_lacks(system, done_within_s=within_s)
        return await lacking(system)

    missing, _ = await eventually(look, lambda text: not text, within_s=within_s)
    return missing, time.monotonic() - began


async def _predictions_lack(system: System) -> str:
    try:
        return await predictions_lack(system)
    except QueueproofError as error:
        return str(error)


async def _pair_lacks(system: System, one: Worker, other: Worker) -> str:
    try:
        return (
            await _deaf(system, one)
            or await _no_build(system, one, other)
            or (await _no_cancel(system, one, other))
        )
    except QueueproofError as error:
        return str(error)


async def _deaf(system: System, worker: Worker) -> str:
    if not has_monitor(system):
        return ""
    reply = await system.monitor(via=worker)
    if reply.status != 200:
        return f"the monitor of worker {worker} gets {reply.words}"
    running = reply.body.get("cancel_dispatcher_running", True)
    return "" if running is True else f"the monitor of worker {worker} says no dispatcher runs"


async def _no_build(system: System, one: Worker, other: Worker) -> str:
    job, reply = await system.try_submit(_CANARY, via=one)
    if job is None:
        return f"a submit to worker {one} gets {reply.words}"
    read = await poll_until_terminal(job, via=other, within_s=_CANARY_S)
    lost = set(job.probe.expected_ticks) - set(read.ticks)
    ended = any(event.kind is EventKind.END for event in read.events)
    if ended and not lost:
        return ""
    return f"a build on worker {one} does not arrive on {other}: {read.ending.value} {read.detail}"


async def _no_cancel(system: System, one: Worker, other: Worker) -> str:
    job, reply = await system.try_submit(_CANCELLED, via=one)
    if job is None:
        return f"a submit to worker {one} gets {reply.words}"
    answer = await system.cancel(job, via=other)
    if not answer.claims_success:
        return f"a cancel on worker {other} of a build on {one} gets {answer.words}"
    return (
        ""
        if await stops_in_time(job, still_s=_STILL_S)
        else (f"a build on worker {one} goes on after its cancel on {other}")
    )
