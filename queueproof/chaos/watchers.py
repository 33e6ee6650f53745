"""Those who look on: at monitors and health all the time, at the service when it must be whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from queueproof.chaos.contract_traits import traits_of
from queueproof.chaos.prediction_checks import predictions_lack
from queueproof.chaos.wave import queue_lacks
from queueproof.errors import QueueproofError, TargetUnreachable
from queueproof.history import EventKind, current_facts
from queueproof.probe import Probe
from queueproof.processes.process_view import alive
from queueproof.stack.chaos_stack import ChaosStack
from queueproof.targets.http import exchange
from queueproof.targets.job import Job
from queueproof.targets.predictions import worker_health
from queueproof.targets.protocol import Role
from queueproof.targets.reading import poll_until_terminal
from queueproof.targets.system import System
from queueproof.targets.worker import Worker
from queueproof.targets.worker_programs import WorkerProgram
from queueproof.waiting import eventually

_EVERY_S = 0.7
_CANARY = Probe(ticks=3, interval_s=0.05, witnessed=True)
_CANCELLED = Probe(ticks=240, interval_s=0.05, witnessed=True)
_CANARY_S = 6.0
_AT_REST_S = 10.0
_STILL_S = 0.5
_GAUGES = ("active_jobs", "bridge_count", "consumer_wrapper_count", "background_task_count")


async def watch(system: System, worker: Worker) -> None:
    """Look at one worker's monitor and health until cancelled.

    Side by side: a health check that waits for Redis must not keep the monitor from being seen.
    """
    within_s = system.timings.outage_answer_s + 2.0
    current_facts.set({"watcher": True})

    async def look_at_monitor() -> None:
        await system.monitor(via=worker, within_s=within_s)

    async def look_at_health() -> None:
        await _look_at_health(system, worker, within_s)

    if system.promises is not None and not system.health_path:
        return  # nothing is known of health and monitors
    looks = [look_at_health, *([look_at_monitor] if _has_monitor(system) else [])]
    await asyncio.gather(*(_again_and_again(look) for look in looks))


async def watch_member(system: System, member: WorkerProgram) -> None:
    """Look at the health of a worker that is a program of its own, until cancelled."""
    within_s = system.timings.outage_answer_s + 2.0
    current_facts.set({"watcher": True})
    while True:
        with suppress(TargetUnreachable):
            await worker_health(system, member, within_s=within_s)
        await asyncio.sleep(_EVERY_S)


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


def ended_programs(stack: ChaosStack) -> dict[str, str]:
    """The worker programs that we started, that nothing of ours has ended, and that run no more.

    With the last that each printed.
    """
    return {
        replica.label: replica.keeper.last_words
        for replica in stack.crew
        if replica.expected_up
        and (pid := replica.keeper.current_pid) is not None
        and not alive(pid)
    }


async def become_whole(system: System, *, within_s: float) -> tuple[str, float]:
    """Wait for full service; what lacked at last (empty: nothing), and how long it took."""
    began = time.monotonic()

    async def look() -> str:
        return await lacking(system)

    missing, _ = await eventually(look, lambda text: not text, within_s=within_s)
    return missing, time.monotonic() - began


async def come_to_rest(system: System) -> None:
    """Record each worker's gauges when they have become 0, or at the end of patience."""
    if _has_monitor(system):
        await asyncio.gather(*(_rest(system, worker) for worker in system.workers))


async def come_still(system: System, keys: Iterable[str]) -> None:
    """Wait until no job is seen at work, or until work that goes on cannot be excused any more.

    Whoever has stopped looking when the last reader was told has not seen what went on after it.
    """
    watched = list(keys)

    async def last_tick_s() -> float:
        seen = (sighting.at_s for key in watched for sighting in system.witness.sightings(key))
        return max(seen, default=0.0)

    def still(last_s: float) -> bool:
        return system.history.now_s() > last_s + _STILL_S

    timings = system.timings
    within_s = timings.recovery_s / 2 + timings.cancel_effect_s + _STILL_S
    await eventually(last_tick_s, still, within_s=within_s)


async def _rest(system: System, worker: Worker) -> None:
    current_facts.set({"watcher": True})
    began = time.monotonic()

    async def look() -> dict[str, object]:
        try:
            return (await system.monitor(via=worker)).body
        except TargetUnreachable:
            return {}

    body, _ = await eventually(
        look,
        lambda seen: bool(seen) and not any(seen.get(name) for name in _GAUGES),
        within_s=_AT_REST_S,
    )
    with system.history.operation("rest", worker=worker.label) as operation:
        operation.facts.update(monitor=body, after_s=round(time.monotonic() - began, 1))


async def _again_and_again(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        with suppress(TargetUnreachable):
            await look()
        await asyncio.sleep(_EVERY_S)


async def _look_at_health(system: System, worker: Worker, within_s: float) -> None:
    path = system.health_path or traits_of(system.adapter.contract).health_path
    async with system.fleet.vantage(worker) as vantage:
        with system.history.operation("health", worker=worker.label) as operation:
            answer = await exchange(vantage, "GET", path, within_s=within_s)
            operation.status = answer.status
            operation.detail = answer.detail


def _has_monitor(system: System) -> bool:
    return "monitor" in system.adapter.operations and system.adapter.has(Role.ADMIN)


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
    if not _has_monitor(system):
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
        if await _stops(job)
        else (f"a build on worker {one} goes on after its cancel on {other}")
    )


async def _stops(job: Job) -> bool:
    """Whether a cancelled job stops within the bound, seen by a silence of many ticks."""
    system = job.system
    answered_s = system.history.now_s()
    by_s = answered_s + system.timings.cancel_effect_s

    async def last_tick_s() -> float:
        return max((sighting.at_s for sighting in job.sightings), default=0.0)

    def settled(last_s: float) -> bool:
        return last_s > by_s or system.history.now_s() > max(last_s, answered_s) + _STILL_S

    within_s = system.timings.cancel_effect_s + 2 * _STILL_S
    last_s, _ = await eventually(last_tick_s, settled, within_s=within_s)
    return last_s <= by_s
