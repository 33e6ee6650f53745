"""The time to live begins to count when a job is over
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    Timings,
    Worker,
    alternate,
    expect,
    expect_answer,
    is_over,
    kept_alive,
    poll_until_terminal,
    read_stream,
    read_until_tick,
    require_attended,
    requirement,
    throughout,
    uninvolved_worker,
)
from queueproof.case_helpers.moments import all_under_way

_BEYOND_S = 2.0
_INTERVAL_S = 0.5
#: So many ticks are left when it is read late, though it may have begun at once, or seconds later.
_MORE = 6


def _beyond(timings: Timings) -> float:
    return timings.stream_ttl_s + _BEYOND_S


@requirement("TTL-004", workers=2, wait=_beyond)
async def test_a_job_that_runs_longer_than_the_time_to_live_is_streamed_whole(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A reader that is there from the beginning receives every tick."""
    job, reader = await target.submit(_long(target.timings), via=workers[0]), workers[-1]

    async with kept_alive(job, via=uninvolved_worker(job, reader)):
        delivered = await read_stream(job, via=reader)

    expect(delivered).to_be_complete_and_in_order()


@requirement("TTL-004", workers=2, wait=_beyond)
async def test_a_reader_that_comes_after_the_time_to_live_of_a_running_job_receives_all(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The events of a job that still runs are kept, however long it runs."""
    probe = _long(target.timings, more=_MORE)
    job, reader = await target.submit(probe, via=workers[0]), workers[-1]

    async with (
        kept_alive(job, via=uninvolved_worker(job, reader)),
        target.stream(job, via=job.owner) as early,
    ):
        await read_until_tick(early, probe.ticks - 3 - _MORE)
        asked_s = target.history.now_s()
        delivered = await read_stream(job, via=reader)

    expect(delivered).to_be_complete_and_in_order()
    _require_running(job, asked_s)


@requirement("TTL-005", workers=2, wait=_beyond)
async def test_a_job_that_is_quiet_for_longer_than_the_time_to_live_is_streamed_whole(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Silence is no end: what follows it is delivered."""
    quiet_s = _beyond(target.timings)
    probe = Probe(ticks=6, interval_s=0.05, quiet_after=2, quiet_s=quiet_s)
    job, reader = await target.submit(probe, via=workers[0]), workers[-1]

    async with kept_alive(job, via=uninvolved_worker(job, reader)):
        delivered = await read_stream(job, via=reader)

    expect(delivered).to_be_complete_and_in_order()


@requirement("TTL-005", workers=2, wait=_beyond)
async def test_a_job_that_is_quiet_for_longer_than_the_time_to_live_is_polled_whole(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Its client polls all the while, and is told everything once: where it stands is kept."""
    probe = Probe(ticks=6, interval_s=0.05, quiet_after=2, quiet_s=_beyond(target.timings))
    job = await target.submit(probe, via=workers[0])

    delivered = await poll_until_terminal(job, via=alternate(workers))

    expect(delivered).to_be_complete_and_in_order()


@requirement("TTL-008", workers=2, wait=_beyond)
async def test_the_owner_of_a_running_job_keeps_access_for_longer_than_the_time_to_live(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A worker that nobody has asked about the job yet lets its user in."""
    job = await target.submit(_long(target.timings, more=8), via=workers[0])
    async with kept_alive(job, via=job.owner):
        _, served = await throughout(target.healthy, bool, for_s=_beyond(target.timings) - 1.0)
        if not served:
            raise Inconclusive("the target did not answer meanwhile")

        asked_s = target.history.now_s()
        reply = await target.poll(job, via=workers[-1], within_s=target.patience_s)

    if reply.kind is not Kind.SUCCESS:
        # Where requests are paced the job may be over by then, and its time to live, too.
        require_attended(job)
    later_s = _beyond(target.timings) - 1.0
    expect_answer(
        reply, Kind.SUCCESS, to=f"a poll of the job's user {later_s:.0f} s into the job", jobs=job
    )
    _require_running(job, asked_s)
    if is_over(reply.events):
        raise Inconclusive("the job had ended before it was read late, so that anybody may know it")


def _require_running(job: Job, asked_s: float) -> None:
    """Of a job that is over the time to live has only begun: whoever comes then is let in."""
    if not all_under_way([job], asked_s):
        raise Inconclusive("the job may have been over when it was read late")


def _long(timings: Timings, *, more: int = 0) -> Probe:
    ticks = int(_beyond(timings) / _INTERVAL_S) + more
    return Probe(ticks=ticks, interval_s=_INTERVAL_S)
