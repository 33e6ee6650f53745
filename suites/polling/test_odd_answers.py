"""What polls answer beyond their events: after the end, to ids that cannot be, in their headers
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.awkward_texts import IDS
from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    is_over,
    poll_until_terminal,
    poll_until_tick,
    read_stream,
    requirement,
)
from queueproof.case_helpers.moments import all_under_way, pass_time, require_under_way
from queueproof.targets.langflow.any_request import ask, job_paths

_BRIEF = Probe(ticks=3, interval_s=0.05)
#: Where requests are spaced, or answered late, the polls take longer than the first of them.
_BESIDE = (Probe(ticks=30, interval_s=0.1), Probe(ticks=75, interval_s=0.4))
_TYPES = ("json", "text/event-stream", "text/plain", "octet-stream")
_KEPT = ("public", "max-age", "s-maxage", "immutable")

_ENOUGH = 3
_LATER_S = 0.5
_GONE = 410


@requirement("POLL-015")
async def test_nothing_follows_the_terminal_event_of_a_polled_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Of a completed and a failed job, polled elsewhere."""
    jobs = [
        await target.submit(probe, via=workers[0])
        for probe in (_BRIEF, Probe(ticks=4, interval_s=0.05, fail_at=2))
    ]

    read = await asyncio.gather(*(poll_until_terminal(job, via=workers[-1]) for job in jobs))

    await _expect_nothing_behind_the_end(target, *read, via=workers[-1])


@requirement("POLL-009")
async def test_nothing_follows_the_poll_that_tells_of_a_cancel(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """What it did until it heard of the cancel was told before, or is not told."""
    job = await target.submit(Probe(ticks=200, interval_s=0.1), via=workers[0])
    before = await poll_until_tick(job, 0, via=workers[-1])
    reply = await target.cancel(job, via=workers[0])
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not accepted: {reply.words}")
    timings = target.timings
    bound_s = timings.cancel_effect_s + timings.poll_hold_s + timings.answer_s

    read = await poll_until_terminal(job, via=workers[-1], within_s=bound_s)

    await _expect_nothing_behind_the_end(target, read.preceded_by(before), via=workers[-1])


@requirement("POLL-005")
async def test_polls_after_a_failure_say_that_the_job_is_over(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A client that missed how a failed job ended asks again, on any worker."""
    job = await target.submit(Probe(ticks=4, interval_s=0.05, fail_at=2), via=workers[0])
    first = await poll_until_terminal(job, via=workers[-1])
    if first.ending is not Ending.FAILED:
        raise Inconclusive(f"the job was not told to have failed: {first.ending.value}")
    within_s = target.timings.poll_hold_s + target.timings.answer_s

    for worker in dict.fromkeys((workers[-1], workers[0])):
        reply = await target.poll(job, via=worker, within_s=within_s)
        expect_that(
            is_over(reply.events) or reply.status == _GONE,
            expected=f"the terminal event again, or {_GONE}",
            actual=f"worker {worker}: {reply.words}, {[e.kind.value for e in reply.events]}",
            jobs=job,
        )


@requirement("POLL-007", contracts=("langflow",))
async def test_polls_for_ids_that_cannot_be_are_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Ids with any character that a path may hold, or too long, find no job and break nothing."""
    for beside in _BESIDE:
        job = await target.submit(beside, via=workers[0])
        reading = asyncio.create_task(read_stream(job, via=workers[0]))

        wrong = await _not_refused(target, via=workers[-1])
        asked_s = target.history.now_s()

        expect(await reading).to_have_lost_nothing()
        expect_that(not wrong, expected="a refusal (4xx) of each", actual="; ".join(wrong[:5]))
        if all_under_way([job], asked_s):
            return
    require_under_way(job, at_s=asked_s, what="the polls")


async def _not_refused(target: System, *, via: Worker) -> list[str]:
    """The ids whose poll was answered with anything but a refusal."""
    wrong: list[str] = []
    for what, job_id in IDS.items():
        if len(wrong) >= _ENOUGH:
            break
        method, path = job_paths(job_id)["a poll"]
        reply = await ask(target, method, path, via=via)
        if not reply.refused:
            wrong.append(f"{what}: {reply.words or reply.status}")
    return wrong


@requirement("POLL-016")
async def test_events_are_answered_in_utf8_and_for_nobody_to_keep(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Polls and streams name a type that is no page, no other charset, and no leave to cache."""
    job = await target.submit(Probe(ticks=20, interval_s=0.1), via=workers[0])
    polled = await target.poll(job, via=workers[-1])
    async with target.stream(job, via=workers[-1]) as stream:
        streamed = stream.reply
    for what, reply in (("a poll", polled), ("a stream", streamed)):
        if reply.status != 200:
            raise Inconclusive(f"{what} was answered {reply.words}")
        headers = {name.lower(): value.lower() for name, value in reply.headers.items()}
        kind, kept = headers.get("content-type", ""), headers.get("cache-control", "")
        charset = kind.partition("charset=")[2].strip(' "')
        forever = "max-age=0" not in kept and any(word in kept for word in _KEPT)
        expect_that(
            any(word in kind for word in _TYPES) and charset in ("", "utf-8", "utf8"),
            expected=f"{what} answered as JSON lines or events, in UTF-8",
            actual=f"content-type {kind!r}",
            jobs=job,
        )
        expect_that(
            not forever or "no-store" in kept,
            expected=f"{what} not to be kept by a cache",
            actual=f"cache-control {kept!r}",
            jobs=job,
        )


async def _expect_nothing_behind_the_end(target: System, *read: Delivery, via: Worker) -> None:
    """Neither in the answer that told it nor, a moment later, in the next one."""
    for delivery in read:
        _expect_one_end(delivery)
    await pass_time(target, _LATER_S)
    later = await asyncio.gather(*(target.poll(one.job, via=via) for one in read))
    for delivery, reply in zip(read, later, strict=True):
        new = {event.tick for event in reply.events if event.tick is not None}
        new -= set(delivery.ticks)
        expect_that(
            not new,
            expected="a poll after the end to tell nothing that was not told before",
            actual=f"steps {sorted(new)[:5]}, {_LATER_S} s after the end",
            jobs=delivery.job,
        )


def _expect_one_end(delivery: Delivery) -> None:
    kinds = [event.kind.value for event in delivery.events]
    ends = [i for i, event in enumerate(delivery.events) if is_over([event])]
    if not ends:
        raise Inconclusive(f"the polls told no end: {delivery.ending.value} {delivery.detail}")
    expect_that(
        ends == [len(kinds) - 1],
        expected="the polls to end with their only terminal event",
        actual=f"terminal events at {ends} of {len(kinds)}: {', '.join(kinds[-4:])}",
        jobs=delivery.job,
    )
