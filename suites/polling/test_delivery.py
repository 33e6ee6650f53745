"""Polling delivers every event: from any worker, once, in order."""

from __future__ import annotations

from queueproof.case import (
    Probe,
    System,
    Worker,
    alternate,
    expect,
    poll_until_terminal,
    requirement,
)


@requirement("POLL-003", workers=2)
async def test_a_poll_on_another_worker_continues_where_the_last_one_ended(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Polling through alternating workers delivers every tick once, in order."""
    job = await target.submit(Probe(ticks=12, interval_s=0.1), via=workers[0])

    delivered = await poll_until_terminal(job, via=alternate(workers))

    expect(delivered).to_be_complete_and_in_order()
