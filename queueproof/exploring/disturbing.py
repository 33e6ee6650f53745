"""Killing and freezing a worker in the middle of a schedule."""

from __future__ import annotations

import asyncio

from queueproof.errors import Inconclusive
from queueproof.exploring.record import Disturbance, Record
from queueproof.exploring.shapes import PAUSE_S
from queueproof.exploring.steps import Kind, Step
from queueproof.faults import injected
from queueproof.faults.processes import EndedProcess, FrozenProcess
from queueproof.targets.fleet import Worker
from queueproof.targets.system import System


async def disturb(system: System, worker: Worker, step: Step, record: Record) -> None:
    """Kill or freeze `worker`; the effect is confirmed, a freeze ends before this returns."""
    if system.processes is None:
        raise Inconclusive("the target's processes cannot be seen")
    victim, name = system.processes.victim(worker), f"worker {worker}"
    from_s = system.history.now_s()
    if step.kind is Kind.KILL:
        async with injected(EndedProcess(victim, name), system.history):
            pass
        system.fleet.retire(worker)  # its successor gets a letter of its own
        until_s = float("inf")
    else:
        async with injected(FrozenProcess(victim, name), system.history):
            await asyncio.sleep(PAUSE_S)
        until_s = system.history.now_s() + record.timings.answer_s
    record.disturbances.append(
        Disturbance(kind=step.kind, via=step.via, from_s=from_s, until_s=until_s)
    )
