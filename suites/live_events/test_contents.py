"""Live events of long flows and of any text, and the channel of jobs that did not complete
(`Flowise, "Running Flowise using Queue"`, 4. Real-time Communication and 5. Completion &
Response).
"""

from __future__ import annotations

import asyncio

from queueproof.awkward_texts import TEXTS
from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    eventually,
    expect,
    expect_that,
    read_stream,
    read_until_tick,
    require_over,
    requirement,
)
from queueproof.targets.flowise.events import STREAMED

_LONG = Probe(ticks=130, interval_s=0.01)
_AWKWARD = " | ".join(TEXTS.values())
_SAYING = Probe(ticks=1, interval_s=0.05, words=(_AWKWARD,))
_LENGTHY = Probe(ticks=1, interval_s=0.05, payload_bytes=200_000)
_ENDLESS = Probe(ticks=60, interval_s=0.2, witnessed=True)
_WITHIN_S = 60.0


@requirement("LIVE-007")
async def test_a_flow_of_more_than_a_hundred_nodes_is_streamed_whole(target: System) -> None:
    """Whatever is counted in tens, fifties or hundreds is counted past its end."""
    job = await target.submit(_LONG)

    expect(await read_stream(job, within_s=_WITHIN_S)).to_be_complete_and_in_order()


@requirement("LIVE-008")
async def test_tokens_of_any_characters_are_streamed_unchanged(target: System) -> None:
    """The tokens of a result with odd characters make it up, and every frame is an event."""
    job = await target.submit(_SAYING)

    delivered = await read_stream(job)

    if delivered.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job did not complete: {delivered.ending.value}")
    said = [e.text.removeprefix(STREAMED) for e in delivered.events if e.text.startswith(STREAMED)]
    expect(delivered).to_consist_of_events()
    expect_that(
        "".join(said) == "tick-0" + _AWKWARD,
        expected="tokens that make up the last node's text",
        actual=f"{len(said)} tokens of {len(''.join(said))} characters, of "
        f"{len(_AWKWARD) + 6}: …{''.join(said)[-60:]!a}",
        jobs=job,
    )


@requirement("LIVE-008")
async def test_tokens_of_many_kilobytes_are_streamed_whole(target: System) -> None:
    """However the text is cut into tokens: they are as many bytes as the result at least."""
    job = await target.submit(_LENGTHY)

    delivered = await read_stream(job)

    if delivered.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job did not complete: {delivered.ending.value}")
    size = sum(event.size for event in delivered.events if event.text.startswith(STREAMED))
    expect_that(
        size >= _LENGTHY.payload_bytes,
        expected=f"tokens of {_LENGTHY.payload_bytes} bytes and more, as the last node's text has",
        actual=f"{size} bytes with all that frames them",
        jobs=job,
    )


@requirement("LIVE-005")
async def test_nobody_is_subscribed_to_channels_of_jobs_that_did_not_complete(
    target: System,
) -> None:
    """After an abort, a failure and a reader who left, too."""
    assert target.redis is not None
    redis = target.redis
    aborted, failing, dropped = [
        await target.submit(probe)
        for probe in (_ENDLESS, Probe(ticks=8, interval_s=0.1, fail_at=5), _ENDLESS)
    ]
    jobs = {"an aborted job": aborted, "a failed job": failing, "a job whose reader left": dropped}

    async def channels() -> list[str]:
        found = await asyncio.gather(*(redis.channels(job.id) for job in jobs.values()))
        return [f"{what}: {names[0]}" for what, names in zip(jobs, found, strict=True) if names]

    subscribed, _ = await eventually(channels, bool, within_s=target.timings.answer_s)
    async with target.stream(dropped) as stream:
        await read_until_tick(stream, 0)
    await target.cancel(aborted)
    await asyncio.gather(_read_out(aborted), _read_out(failing))
    # What runs on without a reader is not asked to stop here: its end is waited for.
    await target.cancel(dropped)
    if not subscribed:
        raise Inconclusive("no channel bears a job's id, even while it is streamed")

    within_s = target.timings.cancel_effect_s + target.timings.answer_s
    left, gone = await eventually(channels, lambda names: not names, within_s=within_s)

    if not gone:
        await require_over(jobs)
    expect_that(
        gone,
        expected=f"nobody subscribed to their channels {within_s:.0f} s after their ends",
        actual=f"still subscribed: {', '.join(left)}",
        jobs=tuple(jobs.values()),
    )


async def _read_out(job: Job) -> None:
    await read_stream(job, within_s=_WITHIN_S)
