"""How long a job takes ends nobody's reading of it
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction, and `Flowise,
"Running Flowise using Queue"`, 5. Completion & Response).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    System,
    Worker,
    alternate,
    expect,
    expect_that,
    new_job,
    poll_until_terminal,
    predict,
    read_stream,
    requirement,
)

# Thirty seconds is the commonest limit of an answer, of a task and of what is kept between two.
_LIMIT_S = 30.0
_LONG = Probe(ticks=66, interval_s=0.5)
_FEW_LONG_STEPS = Probe(ticks=9, interval_s=4.0)


@requirement("STRM-020", contracts=("langflow",), wait=lambda _: _LONG.duration_s)
async def test_a_job_of_more_than_half_a_minute_is_read_to_its_end(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One job streamed from another worker and polled through all of them, all the while."""
    job = await target.submit(_LONG, via=workers[0])

    streamed, polled = await asyncio.gather(
        read_stream(job, via=workers[-1]), poll_until_terminal(job, via=alternate(workers))
    )

    for delivery in (streamed, polled):
        expect(delivery).to_be_complete_and_in_order()
        expect(delivery).to_have_ended_somehow()
    if (lasted_s := streamed.ended_s - (streamed.began_s or 0.0)) < _LIMIT_S:
        raise Inconclusive(f"the stream was opened so late that it lasted {lasted_s:.1f} s only")


@requirement("STRM-020", contracts=("flowise",), wait=lambda _: _FEW_LONG_STEPS.duration_s)
async def test_a_prediction_of_more_than_half_a_minute_is_answered(target: System) -> None:
    """One that is streamed ends by saying so, one that is waited for with its result.

    A server error may be of a database that others had locked: it is asked once more, alone.
    """
    streamed, waited_for = await target.submit(_FEW_LONG_STEPS), new_job(target, _FEW_LONG_STEPS)

    delivered, reply = await asyncio.gather(read_stream(streamed), predict(waited_for))

    if reply.kind is Kind.SERVER_ERROR:
        reply = await predict(waited_for)
    expect(delivered).to_be_complete_and_in_order()
    expect(delivered).to_have_ended_somehow()
    last = f"tick-{_FEW_LONG_STEPS.ticks - 1}"
    expect_that(
        reply.kind is Kind.SUCCESS and reply.text == last,
        expected=f"200 with the last node's text, {last}",
        actual=f"{reply.words} with {reply.text[:80]!r}",
        jobs=waited_for,
    )
