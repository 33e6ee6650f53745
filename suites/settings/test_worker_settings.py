"""How many workers run, and when one is replaced ("Recommended Gunicorn settings")."""

from __future__ import annotations

from queueproof.case import Inconclusive, Probe, System, eventually, expect_that, requirement
from queueproof.processes.process_view import ProcessView
from queueproof.running.launch import Launch
from queueproof.targets.langflow.settings import DEFAULTED
from queueproof.targets.langflow.visitor import visiting

TIMEOUT_S = 3
REPLACED_WITHIN_S = 10.0
REQUESTS = 30
STUCK = Probe(ticks=2, interval_s=0.4, block_at=1, block_s=4.0 * TIMEOUT_S + REPLACED_WITHIN_S)


@requirement("SETT-011")
async def test_as_many_workers_run_as_set(launch: Launch) -> None:
    """With LANGFLOW_WORKERS=2 two processes serve."""
    processes = view((await launch.shared(DEFAULTED)).system)

    async def count() -> int:
        return len(processes.serving())

    running, _ = await eventually(count, lambda number: number == 2, within_s=REPLACED_WITHIN_S)

    expect_that(
        running == 2,
        expected="2 worker processes with LANGFLOW_WORKERS=2",
        actual=f"{running} processes serve",
    )


@requirement("SETT-013", wait=lambda _: TIMEOUT_S + 2.0)
async def test_a_worker_that_is_stuck_for_longer_than_the_timeout_is_replaced(
    launch: Launch,
) -> None:
    """A component that blocks its worker costs the worker its life, and another one comes."""
    system = await launch.system({"LANGFLOW_WORKER_TIMEOUT": str(TIMEOUT_S)}, workers=1)
    processes = view(system)
    before = processes.serving()
    job = await system.submit(STUCK)

    replaced = await replacement(processes, before, within_s=TIMEOUT_S + REPLACED_WITHIN_S)

    expect_that(
        replaced,
        expected=f"a worker blocked for {STUCK.block_s:.0f} s is replaced after {TIMEOUT_S} s",
        actual=f"process {sorted(before)} is still the only worker "
        f"after {TIMEOUT_S + REPLACED_WITHIN_S:.0f} s",
        jobs=job,
    )


@requirement("SETT-014")
async def test_workers_are_recycled_after_the_set_number_of_requests(launch: Launch) -> None:
    """GUNICORN_CMD_ARGS with --max-requests replaces a worker that has served so many."""
    boot = await launch.attempt(
        {"GUNICORN_CMD_ARGS": f"--max-requests {REQUESTS}", "LANGFLOW_WORKERS": "1"}
    )
    processes = ProcessView(boot.child.pid)
    before = processes.serving()
    async with visiting(boot.url) as visitor:
        answers = [await visitor.ping() for _ in range(REQUESTS + 5)]

    replaced = await replacement(processes, before, within_s=REPLACED_WITHIN_S)

    served = sum(answer.ok for answer in answers)
    if not replaced and served < REQUESTS:
        raise Inconclusive(f"only {served} of {len(answers)} requests were served")

    expect_that(
        replaced,
        expected=f"a worker is replaced after {REQUESTS} requests",
        actual=f"process {sorted(before)} still serves after {REQUESTS + 5}",
    )


async def replacement(processes: ProcessView, before: frozenset[int], *, within_s: float) -> bool:
    """Whether other processes come to serve in the place of `before`."""
    if not before:
        raise Inconclusive("no process of the target holds a listening socket")

    async def serving() -> frozenset[int]:
        return processes.serving()

    _, replaced = await eventually(
        serving, lambda now: bool(now) and not now & before, within_s=within_s
    )
    return replaced


def view(system: System) -> ProcessView:
    """The processes of a target that was launched."""
    assert system.processes is not None
    return system.processes
