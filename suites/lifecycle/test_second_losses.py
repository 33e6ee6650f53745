"""Workers that are killed one after another ("Recommended Gunicorn settings").

What looks after workers may have a number of restarts to spare, and nothing that fills it up again.
"""

from __future__ import annotations

from queueproof.case import Access, Inconclusive, Worker, eventually, expect_that, requirement
from queueproof.faults import injected
from queueproof.faults.shared.worker_faults import killed
from queueproof.running.launch import Launch
from queueproof.targets.system import System

_WORKERS = 2


@requirement("LIFE-002", access=Access.LAUNCH, wait=lambda _: 2.0)
async def test_each_of_two_workers_that_are_killed_is_replaced(launch: Launch) -> None:
    """The second one once the first has its successor; as many processes serve as before."""
    target = await launch.system({}, workers=_WORKERS)
    first, second = target.workers[:_WORKERS]
    if not await _replaced(target, first):
        raise Inconclusive("not even the first worker that was killed was replaced in time")

    replaced = await _replaced(target, second)

    serving = len(target.processes.serving()) if target.processes else 0
    expect_that(
        replaced,
        expected=f"{_WORKERS} workers {target.timings.recovery_s:.0f} s after the second loss",
        actual=f"{serving} of them; the first that was killed had been replaced",
    )


async def _replaced(target: System, victim: Worker) -> bool:
    """Kill it; whether as many processes serve afterwards, a new one among them."""
    processes = target.processes
    if processes is None:
        raise Inconclusive("the target's processes cannot be seen")
    before = processes.serving()

    async def serving() -> frozenset[int]:
        return processes.serving()

    async with injected(await killed(target, victim), target.history):
        target.fleet.retire(victim)
        _, whole = await eventually(
            serving,
            lambda now: len(now) >= len(before) and bool(now - before),
            within_s=target.timings.recovery_s,
        )
    return whole
