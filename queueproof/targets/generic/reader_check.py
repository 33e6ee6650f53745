"""The self-check of what a mapping says of readers: polls, streams and their events."""

from __future__ import annotations

from typing import Any

from queueproof.probe import Probe
from queueproof.targets.generic.mistakes import (
    judge_ending,
    judge_events,
    judge_format,
    judge_path,
    judge_state,
)
from queueproof.targets.generic.probe_session import ProbeSession
from queueproof.targets.generic.wire import MISSING
from queueproof.targets.http import Exchange
from queueproof.targets.job import is_over
from queueproof.waiting import eventually

_TICKS = 3
#: A job that is read to its end, and one that fails on the way.
WHOLE = Probe(ticks=_TICKS, interval_s=0.1)
FAILING = Probe(ticks=_TICKS, interval_s=0.1, fail_at=1)


async def check_readers(session: ProbeSession, job: str) -> None:
    """Read a job of `WHOLE` by every way that the mapping names, to its end."""
    if session.mapping.submit_format:
        await check_answer(session, job)
    await check_poll(session, job, how="completed")
    if session.names("stream"):
        await check_stream(session, job if not session.names("poll") else None)


async def check_reading_of_a_failure(session: ProbeSession, job: str) -> None:
    """Read a job of `FAILING` by one way."""
    if session.mapping.submit_format:
        _, bodies = await session.answered(job)
        call = session.call("submit")
        judge_ending(session.mapping, session.reader, bodies, call=call, how="failed")
    elif session.names("stream"):
        _, bodies = await session.streamed(job)
        call = session.call("stream")
        judge_ending(session.mapping, session.reader, bodies, call=call, how="failed")
    else:
        await check_poll(session, job, how="failed")


async def check_poll(session: ProbeSession, job: str, *, how: str) -> None:
    """Poll a job until something tells its end, or for some seconds."""
    if not session.names("poll"):
        return
    answers: list[Exchange] = []
    bodies: list[Any] = []
    position: str | None = None

    async def once() -> bool:
        nonlocal position
        answer = await session.ask_known("poll", {"job": job, "after": position})
        answers.append(answer)
        position = _text(session.client.found(answer.json, "poll.position")) or position
        told = session.client.found(answer.json, "poll.events")
        new = told if isinstance(told, list) else []
        bodies[:] = new if session.mapping.whole else [*bodies, *new]
        return not answer.ok or _is_over(session, bodies, answer)

    over, _ = await eventually(once, bool, within_s=session.longest_s)
    await session.judge_answer("poll", answers[-1])
    if how == "completed":
        # What a job had to tell that was forgotten meanwhile is not known.
        await _judge_polls(session, job, answers, bodies, over=over and answers[-1].ok)
    call = session.call("poll")
    judge_state(session.mapping, "poll.state", call, answers[-1], when="last")
    judge_ending(session.mapping, session.reader, bodies, call=call, how=how)


async def check_answer(session: ProbeSession, job: str) -> None:
    """What the answer to a submit told of its job, where that is the job's stream."""
    answer, bodies = await session.answered(job)
    mapping, call = session.mapping, session.call("submit")
    judge_format(mapping, "submit.format", call, answer, bodies)
    judge_events(mapping, session.reader, bodies, call=call, ticks=_TICKS)
    judge_ending(mapping, session.reader, bodies, call=call, how="completed")


async def check_stream(session: ProbeSession, job: str | None) -> None:
    """Read the stream of a job (by default a new one) to its end or for some seconds."""
    job = job or await session.submitted(WHOLE)
    answer, bodies = await session.streamed(job)
    mapping, call = session.mapping, session.call("stream")
    await session.judge_answer("stream", answer)
    judge_format(mapping, "stream.format", call, answer, bodies)
    judge_events(mapping, session.reader, bodies, call=call, ticks=_TICKS)
    judge_ending(mapping, session.reader, bodies, call=call, how="completed")


async def _judge_polls(
    session: ProbeSession, job: str, answers: list[Exchange], bodies: list[Any], *, over: bool
) -> None:
    """What the polls of a whole job must have shown; one that failed may show no event.

    An API may tell all events at the end of a job only: what did not come while the job
    was under way may come yet.
    """
    mapping, call = session.mapping, session.call("poll")
    if over or await _is_known_to_be_over(session, job):
        judge_path(mapping, "poll.events", call, answers)
    for entry in ("poll.position", "poll.state"):
        judge_path(mapping, entry, call, answers)
    judge_events(mapping, session.reader, bodies, call=call, ticks=_TICKS)


async def _is_known_to_be_over(session: ProbeSession, job: str) -> bool:
    """By the state that polls tell, or by the status; where there is neither, by the clock."""
    if "poll.state" in session.mapping.paths:
        return False
    if not session.names("status"):
        return True
    answer = await session.ask_known("status", {"job": job})
    return answer.ok and session.tells_the_end(answer)


def _is_over(session: ProbeSession, bodies: list[Any], answer: Exchange) -> bool:
    """Whether the end was told, or all ticks where no event and no state tells it."""
    events = session.reader.read_all(bodies)
    state = session.client.found(answer.json, "poll.state")
    if "poll.state" in session.mapping.paths or session.reader.tells_the_end:
        return is_over(events) or bool(session.reader.meaning_of(state))
    return sum(event.tick is not None for event in events) >= _TICKS


def _text(value: Any) -> str:
    return "" if value is MISSING or value is None else str(value)
