"""Polls can be repeated from a position, and share the job with streams
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    System,
    Worker,
    expect,
    poll_until_terminal,
    read_stream,
    require_answer,
    requirement,
)

_QUIETER_S = 1.0


@requirement("POLL-011")
async def test_a_client_that_lost_a_response_resumes_from_the_position_before_it(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Everything after the last position known is delivered again, once and in order."""
    job = await target.submit(Probe(ticks=10, interval_s=0.25), via=workers[0])
    known = await target.poll(job, via=workers[0])
    require_answer(known, Kind.SUCCESS, to="the first poll")
    if known.position is None:
        raise Inconclusive(f"the first poll named no position: {known.words}")
    if job.probe.ticks == sum(event.tick is not None for event in known.events):
        raise Inconclusive("the first poll told everything: there was nothing to resume")
    await target.poll(job, via=workers[0])  # its answer counts as lost

    resumed = await poll_until_terminal(job, via=workers[-1], after=known.position)

    expect(resumed.preceded_by(known.events)).to_be_complete_and_in_order()


@requirement("POLL-011", contracts=("langflow",), wait=lambda t: t.poll_hold_s + _QUIETER_S)
async def test_a_client_that_always_says_where_it_stands_is_told_everything_once(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Through a pause in which polls have nothing to tell: they leave the client where it was."""
    quiet_s = target.timings.poll_hold_s + _QUIETER_S
    job = await target.submit(
        Probe(ticks=6, interval_s=0.05, quiet_after=2, quiet_s=quiet_s), via=workers[0]
    )
    first = await target.poll(job, via=workers[-1])
    require_answer(first, Kind.SUCCESS, to="the first poll")
    if first.position is None:
        raise Inconclusive(f"the first poll named no position: {first.words}")

    rest = await poll_until_terminal(job, via=workers[-1], after=first.position)

    expect(rest.preceded_by(first.events)).to_be_complete_and_in_order()


@requirement("POLL-012")
async def test_polling_and_streaming_on_one_worker_take_nothing_from_each_other(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A client that polls and one that streams through the same worker each receive all."""
    await _expect_both_to_receive_everything(
        target, workers[0], stream=workers[-1], poll=workers[-1]
    )


@requirement("POLL-012", workers=2)
async def test_polling_and_streaming_on_two_workers_take_nothing_from_each_other(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A client that polls one worker and one that streams from another each receive all."""
    await _expect_both_to_receive_everything(
        target, workers[0], stream=workers[0], poll=workers[-1]
    )


async def _expect_both_to_receive_everything(
    target: System, owner: Worker, *, stream: Worker, poll: Worker
) -> None:
    job = await target.submit(Probe(ticks=10, interval_s=0.25), via=owner)

    streamed, polled = await asyncio.gather(
        read_stream(job, via=stream), poll_until_terminal(job, via=poll)
    )

    expect(streamed).to_have_lost_nothing()
    expect(polled).to_have_lost_nothing()
    if streamed.came_late:
        raise Inconclusive("the stream came so late that the polls may have had the job first")
