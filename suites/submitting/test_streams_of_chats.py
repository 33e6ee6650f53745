"""Streams beside each other: several of one chat, and those of different chats
(completes `Flowise, "Running Flowise using Queue"`, 4. Real-time Communication).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    System,
    expect_that,
    new_job,
    requirement,
)
from queueproof.history import EventKind
from queueproof.targets.flowise.any_request import stream_in_chat
from queueproof.targets.raw_replies import Streamed

_FLOWISE = ("flowise",)
#: From tick to tick: so slow a target may be, or so busy a machine.
_SLOWER = (0.15, 0.6)
_FIRST, _LONGER = Probe(ticks=8), Probe(ticks=14)
_THREE = (4, 6, 8)
_AFTER_S = 0.4
_AT_ONCE_S = 0.2
_CHATS = 4
#: As what ends a stream names the chat; another case's may be the latest.
_CHAT = re.compile(r'"chatId": *"([^"]*)"')


@requirement("SUBM-004", contracts=_FLOWISE)
async def test_two_streams_of_one_chat_each_carry_their_own_job(target: System) -> None:
    """Two windows of one chat ask different flows: each is streamed whole, and to its end.

    The second comes while the first is under way, and goes on when that is over.
    """
    for interval_s in _SLOWER:
        probes = [replace(probe, interval_s=interval_s) for probe in (_FIRST, _LONGER)]
        alone = await asyncio.gather(*(stream_in_chat(new_job(target, probe)) for probe in probes))
        for one, probe in zip(alone, probes, strict=True):
            if words := _wrong(one, probe):
                raise Inconclusive(f"not even alone in its chat: {words}")
        if await _streamed_in_one_chat(target, *probes):
            return
    raise Inconclusive("the second stream began when the first was over: they never met")


async def _streamed_in_one_chat(target: System, *probes: Probe) -> bool:
    """Whether the two streams met; raises Violation where one is not as it should be."""
    first = new_job(target, probes[0])
    second = replace(new_job(target, probes[1]), id=first.id)

    async def later() -> Streamed:
        await asyncio.sleep(_AFTER_S)
        return await stream_in_chat(second)

    streamed = await asyncio.gather(stream_in_chat(first), later())
    _require_taken(streamed)

    told = [_wrong(one, job.probe) for one, job in zip(streamed, (first, second), strict=True)]
    wrong = [
        f"the {which} stream: {words}"
        for which, words in zip(("first", "second"), told, strict=True)
        if words
    ]
    expect_that(
        not wrong,
        expected=f"ticks 0..{_FIRST.ticks - 1} in one stream, 0..{_LONGER.ticks - 1} in the other, "
        "once and in order, and each with its end",
        actual="; ".join(wrong),
        jobs=(first, second),
    )
    return _met(streamed)


@requirement("SUBM-004", contracts=_FLOWISE)
async def test_later_streams_of_a_chat_carry_their_own_jobs_too(target: System) -> None:
    """Three at once of different flows, and one more when these are over: each is whole."""
    together = [replace(_FIRST, ticks=ticks, interval_s=_SLOWER[0]) for ticks in _THREE]
    alone = await asyncio.gather(*(stream_in_chat(new_job(target, probe)) for probe in together))
    for one, probe in zip(alone, together, strict=True):
        if words := _wrong(one, probe):
            raise Inconclusive(f"not even alone in its chat: {words}")

    chat_id = new_job(target, _FIRST).id
    jobs = [replace(new_job(target, probe), id=chat_id) for probe in (*together, together[0])]
    streamed = await asyncio.gather(*(stream_in_chat(job) for job in jobs[:-1]))
    streamed.append(await stream_in_chat(jobs[-1]))

    _require_taken(streamed)
    told = [_wrong(one, job.probe) for one, job in zip(streamed, jobs, strict=True)]
    wrong = [f"stream {number}: {words}" for number, words in enumerate(told, start=1) if words]
    expect_that(
        not wrong,
        expected=f"{', '.join(str(job.probe.ticks) for job in jobs)} ticks in the chat's streams, "
        "once and in order, and each with its end",
        actual="; ".join(wrong),
        jobs=tuple(jobs),
    )


@requirement("SUBM-004", contracts=_FLOWISE)
async def test_what_a_stream_says_of_its_chat_is_of_no_other(target: System) -> None:
    """No event of a stream names the chat of another that is streamed at the same time, or any
    chat but its own as the one that was asked in.
    """
    for interval_s in _SLOWER:
        if await _streamed_in_chats(target, replace(_FIRST, interval_s=interval_s)):
            return
    raise Inconclusive("a stream began when another was over: they never met")


async def _streamed_in_chats(target: System, probe: Probe) -> bool:
    """Whether the streams met; raises Violation where one speaks of another's chat."""
    jobs = [new_job(target, probe) for _ in range(_CHATS)]

    streamed = await asyncio.gather(*(stream_in_chat(job) for job in jobs))
    _require_taken(streamed)
    if untold := next(filter(None, (_wrong(one, probe) for one in streamed)), ""):
        raise Inconclusive(f"not every stream carried its own job: {untold}")

    strange = [
        f"{event.text[:90]} in the stream of chat {job.id}"
        for one, job in zip(streamed, jobs, strict=True)
        for event in one.events
        if any(other.id in event.text for other in jobs if other is not job)
        or any(chat != job.id for chat in _CHAT.findall(event.text))
    ]
    expect_that(
        not strange,
        expected="each stream speaks of its own chat alone",
        actual=f"{len(strange)} events name another, such as {strange[:1]}",
        jobs=tuple(jobs),
    )
    return _met(streamed)


def _met(streamed: Sequence[Streamed]) -> bool:
    """Whether every one had begun when the first of them ended.

    Where a front holds back a whole stream that cannot be told, and is taken for granted.
    """
    at_s = [[event.at_s for event in one.events] for one in streamed]
    if any(times[-1] - times[0] < _AT_ONCE_S for times in at_s):
        return True
    return max(one.answered_s for one in streamed) < min(times[-1] for times in at_s)


def _require_taken(streamed: Sequence[Streamed]) -> None:
    for one in streamed:
        if one.kind is not Kind.SUCCESS:
            raise Inconclusive(f"a streamed prediction was not taken: {one.words}")


def _wrong(streamed: Streamed, probe: Probe) -> str:
    """Empty where the stream carries each of the probe's ticks once, in order, and an end."""
    ticks = [event.tick for event in streamed.events if event.kind is EventKind.TICK]
    ended = any(event.kind is EventKind.END for event in streamed.events)
    if ticks == list(probe.expected_ticks) and ended:
        return ""
    return f"ticks {ticks}, {'with' if ended else 'without'} an end"
