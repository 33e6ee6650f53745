"""A stream that is closed before its job has said anything
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference, cancel channel).

Whoever notes readers by what was sent to them has not noted these. They come to another worker: one
that loads a build may serve nobody meanwhile.
"""

from __future__ import annotations

from queueproof.case import (
    UNHEARD,
    Inconclusive,
    Job,
    NotAssessed,
    System,
    Worker,
    expect_that,
    require_answer,
    requirement,
    slow_job,
    stops_while_read,
)
from queueproof.config.deadlines import stopped_within_s

_SLOW_S = 1.6
_OPEN_S = 0.4
_TOGETHER_S = 0.1
_TICKS = 200


@requirement("CANC-011", workers=2, alone=True, wait=lambda t: _SLOW_S + stopped_within_s(t))
async def test_dropping_a_stream_on_another_worker_before_the_first_event_stops_the_work(
    target: System,
) -> None:
    """The only stream, at another worker, is closed while the build starts slowly."""
    job = await _starting(target)

    await _expect_stopped(job, dropped_on=target.others(job.owner)[-1])


async def _starting(target: System) -> Job:
    if target.timings.startup_grace_s <= _SLOW_S:
        raise NotAssessed("the startup grace is over before the build begins")
    return await slow_job(target, _SLOW_S, ticks=_TICKS)


async def _drop_unread(job: Job, *, on: Worker) -> float:
    """Open a stream and close it before anything comes; when it was closed."""
    target, half_s = job.system, job.submitted_s + _SLOW_S / 2
    in_time = target.history.now_s() < half_s
    async with target.stream(job, via=on) as stream:
        require_answer(stream.reply, 200, to=f"a stream on worker {on}")
        answered_s = target.history.now_s()
        try:
            event = await stream.next_event(within_s=_OPEN_S)
        except TimeoutError:
            return target.history.now_s()
    late = answered_s > half_s
    if in_time and late and event is not None and event.at_s - answered_s < _TOGETHER_S:
        raise NotAssessed("the target answers with the first event: nobody can leave before it")
    raise Inconclusive("the build had begun, or its stream ended, before it was closed")


async def _expect_stopped(job: Job, *, dropped_on: Worker) -> None:
    begins_s = job.submitted_s + _SLOW_S
    dropped_s = await _drop_unread(job, on=dropped_on)
    if dropped_s > begins_s - _OPEN_S / 2:
        raise Inconclusive("the stream was closed so late that the build may have begun")
    expect_that(
        await stops_while_read(job, asked=dropped_on, since_s=begins_s),
        expected=f"no tick later than {stopped_within_s(job.system.timings):.1f} s after the "
        "build's slow start, whose only stream was closed before",
        actual=f"the build still worked then (dropped on {dropped_on}, owner {job.owner}) "
        f"{UNHEARD}",
        jobs=job,
    )
