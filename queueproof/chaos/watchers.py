"""Observers of an outage: of monitors and health all the time, of gauges and work at its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from queueproof.chaos.contract_traits import traits_of
from queueproof.errors import TargetUnreachable
from queueproof.history import current_facts
from queueproof.processes.process_view import alive
from queueproof.stack.chaos_stack import ChaosStack
from queueproof.targets.http import exchange
from queueproof.targets.predictions import worker_health
from queueproof.targets.protocol import Role
from queueproof.targets.system import System
from queueproof.targets.worker import Worker
from queueproof.targets.worker_programs import WorkerProgram
from queueproof.waiting import eventually

_EVERY_S = 0.7
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
    looks = [look_at_health, *([look_at_monitor] if has_monitor(system) else [])]
    await asyncio.gather(*(_again_and_again(look) for look in looks))


async def watch_member(system: System, member: WorkerProgram) -> None:
    """Look at the health of a worker that is a program of its own, until cancelled."""
    within_s = system.timings.outage_answer_s + 2.0
    current_facts.set({"watcher": True})
    while True:
        with suppress(TargetUnreachable):
            await worker_health(system, member, within_s=within_s)
        await asyncio.sleep(_EVERY_S)


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


async def come_to_rest(system: System) -> None:
    """Record each worker's gauges when they have become 0, or at the end of patience."""
    if has_monitor(system):
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


def has_monitor(system: System) -> bool:
    """Whether each worker's monitor can be read."""
    return "monitor" in system.adapter.operations and system.adapter.has(Role.ADMIN)
