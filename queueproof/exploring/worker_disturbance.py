"""Killing and freezing a worker in the middle of a schedule."""

from __future__ import annotations

import asyncio

from queueproof.errors import Inconclusive
from queueproof.exploring.record import Disturbance, Record
from queueproof.exploring.shapes import PAUSE_S
from queueproof.exploring.steps import Kind, Step
from queueproof.faults import injected
from queueproof.faults.shared.worker_faults import frozen, killed, neighbours
from queueproof.targets.system import System
from queueproof.targets.worker import Worker


async def disturb(system: System, worker: Worker, step: Step, record: Record) -> None:
    """Kill or freeze `worker`; the effect is confirmed, a freeze ends before this returns."""
    if others := await neighbours(system, worker):
        names = ", ".join(map(str, others))
        raise Inconclusive(f"worker {worker} runs in one instance with {names}")
    from_s = system.history.now_s()
    if step.kind is Kind.KILL:
        async with injected(await killed(system, worker), system.history):
            pass
        system.fleet.retire(worker)  # its successor gets a letter of its own
        until_s = float("inf")
    else:
        async with injected(await frozen(system, worker), system.history):
            await asyncio.sleep(PAUSE_S)
        until_s = system.history.now_s() + record.timings.answer_s
    record.disturbances.append(
        Disturbance(kind=step.kind, via=step.via, from_s=from_s, until_s=until_s)
    )
