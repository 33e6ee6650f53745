"""A client that does not poll for a while is told the rest, and nothing twice
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    NotAssessed,
    Probe,
    System,
    Timings,
    Worker,
    alternate,
    expect,
    leave_alone,
    poll_until_terminal,
    poll_until_tick,
    requirement,
)

_PROBE = Probe(ticks=20, interval_s=0.1)
_LONGEST_S, _SHORTEST_S = 12.0, 0.5


def pause_s(t: Timings) -> float:
    """Longer than what is kept for those who poll at once, and less than a job is kept."""
    return min(_LONGEST_S, t.stream_ttl_s / 3)


@requirement("POLL-017", wait=lambda t: _PROBE.duration_s + pause_s(t))
async def test_a_client_that_pauses_between_polls_goes_on_where_it_stood(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It comes back when the job is over, to any worker, and is told what it has not seen."""
    paused_s = pause_s(target.timings)
    if paused_s < _SHORTEST_S:
        raise NotAssessed("jobs are kept too briefly for a client to pause")
    if 0 < target.timings.stale_threshold_s < 2 * _PROBE.duration_s:
        raise NotAssessed("a job whose client pauses counts as abandoned too soon")
    job = await target.submit(_PROBE, via=workers[0])
    before = await poll_until_tick(job, 2, via=workers[-1])

    leave_alone(job)
    await asyncio.sleep(paused_s)
    rest = await poll_until_terminal(job, via=alternate(workers))

    late_s = target.history.now_s() - job.submitted_s
    if not rest.ticks and late_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the client came back when the job may not have been kept any more")
    expect(rest.preceded_by(before)).to_be_complete_and_in_order()
