"""What a job does reaches its reader while it happens, in order, and the stream then closes
(`Flowise, "Running Flowise using Queue"`, 2. Job Creation & Dual Channels to 5. Completion &
Response).
"""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    System,
    expect,
    expect_that,
    read_stream,
    requirement,
)
from queueproof.checkers.steps import first_deviation, steps_told
from queueproof.targets.flowise.events import BEGUN, STREAMED

SHORT = Probe(ticks=3, interval_s=0.05)
STEADY = Probe(ticks=8, interval_s=0.1)
SLOW = Probe(ticks=8, interval_s=0.5)
BURST = Probe(ticks=40, interval_s=0.0)
_HELD_BACK = (
    "something in front may hold the answer back, or the target does: in nginx proxy_buffering "
    "off, or the answer header X-Accel-Buffering: no, lets it through at once"
)


@requirement("LIVE-001")
async def test_a_streamed_prediction_is_answered_before_its_job_is_over(target: System) -> None:
    """The answer is an event stream, and has begun when the job is half done at most."""
    job, reply = await target.try_submit(SLOW)

    answered_s = target.history.now_s()
    begun_in_time = job is not None and answered_s - job.submitted_s < SLOW.duration_s / 2
    expect_that(
        begun_in_time,
        expected=f"an event stream within {SLOW.duration_s / 2:.0f} s, half of the job's time",
        actual=reply.words
        if job is None
        else f"after {answered_s - job.submitted_s:.1f} s ({_HELD_BACK})",
        jobs=(job,) if job else (),
    )


@requirement("LIVE-002")
async def test_a_stream_tells_of_every_node_once_and_in_order(target: System) -> None:
    """Each node begins, ends, and only then the next one begins."""
    job = await target.submit(STEADY)

    delivered = await read_stream(job)

    deviation = first_deviation(steps_told(delivered.events, BEGUN), STEADY.expected_ticks)
    expect_that(
        not deviation,
        expected=f"begin and end of each of {STEADY.ticks} nodes, in the flow's order",
        actual=f"{deviation}; {delivered.ending.value}",
        jobs=job,
    )


@requirement("LIVE-003")
async def test_the_results_tokens_are_streamed(target: System) -> None:
    """The tokens of the stream make up the last node's text."""
    job = await target.submit(SHORT)

    delivered = await read_stream(job)

    tokens = "".join(
        event.text.removeprefix(STREAMED)
        for event in delivered.events
        if event.text.startswith(STREAMED)
    )
    expect_that(
        tokens == "tick-2",
        expected="tokens that make up tick-2",
        actual=f"tokens {tokens!r}; {delivered.ending.value}",
        jobs=job,
    )


@requirement("LIVE-004")
async def test_the_connection_is_closed_when_the_job_is_over(target: System) -> None:
    """Behind the last event the server ends the answer."""
    job = await target.submit(SHORT)

    delivered = await read_stream(job)

    if delivered.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job did not complete: {delivered.ending.value}")
    expect_that(
        not delivered.detail,
        expected=f"the answer ends within {target.timings.answer_s:.0f} s of its last event",
        actual=delivered.detail,
        jobs=job,
    )


@requirement("LIVE-007")
async def test_a_burst_of_short_nodes_is_streamed_whole(target: System) -> None:
    """Forty nodes without a pause between them."""
    job = await target.submit(BURST)

    expect(await read_stream(job)).to_be_complete_and_in_order()
