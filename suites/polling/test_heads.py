"""Requests for the head alone, as link checkers and previews make them
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Delivery,
    Inconclusive,
    Probe,
    System,
    Worker,
    expect,
    poll_until_terminal,
    read_until_tick,
    requirement,
)
from queueproof.targets.langflow.any_request import ask, job_paths

_PROBE = Probe(ticks=20, interval_s=0.1)
_SAID = 5


@requirement("POLL-018")
async def test_asking_for_the_head_of_a_jobs_events_takes_none_of_them(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Of a poll and of a stream, on every worker; what they are answered is not judged."""
    polled = await _polled_beside_a_stream(target, workers, heads=True)
    if not _is_whole(polled):
        # Whoever reads beside a stream may get less than everything without any of them.
        control = await _polled_beside_a_stream(target, workers, heads=False)
        if not _is_whole(control):
            raise Inconclusive("polls beside a stream are not given every event without them, too")
    expect(polled).to_be_complete_and_in_order()


async def _polled_beside_a_stream(
    target: System, workers: tuple[Worker, ...], *, heads: bool
) -> Delivery:
    """A job polled to its end while it is streamed; with `heads` these are asked for before."""
    job = await target.submit(_PROBE, via=workers[0])
    paths = [path for method, path in job_paths(job.id).values() if method == "GET"]

    async with target.stream(job, via=workers[0]) as stream:
        await read_until_tick(stream, _SAID)
        asked = [(worker, path) for worker in workers for path in paths] if heads else []
        await asyncio.gather(*(ask(target, "HEAD", path, via=worker) for worker, path in asked))
        polled = await poll_until_terminal(job, via=workers[-1])

    over_s = job.submitted_s + _PROBE.duration_s
    if polled.ended_s > over_s + target.timings.stream_ttl_s / 2:
        raise Inconclusive("the polls came when the job's time to live may have been over")
    return polled


def _is_whole(delivery: Delivery) -> bool:
    return delivery.ticks == list(_PROBE.expected_ticks)
