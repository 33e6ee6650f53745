"""Reading a job to its end, by polling or by streaming, in bounded time."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator

import httpx

from queueproof.history import Event
from queueproof.targets.fleet import Worker
from queueproof.targets.job import Delivery, Ending, Job, ending_of, is_over
from queueproof.targets.protocol import Role
from queueproof.targets.system import OpenStream

_PAUSE_S = 0.03


def alternate(workers: Iterable[Worker]) -> Iterator[Worker]:
    """The workers in turn, for ever."""
    return itertools.cycle(tuple(workers))


async def poll_until_terminal(
    job: Job,
    *,
    via: Worker | Iterator[Worker],
    within_s: float | None = None,
    role: Role = Role.USER,
) -> Delivery:
    """Poll until a terminal event, a refusal, a poll that is never answered, or the deadline."""
    system = job.system
    turns = itertools.repeat(via) if isinstance(via, Worker) else via
    deadline = time.monotonic() + (within_s or system.within(job.probe))
    events: list[Event] = []
    polls = 0

    def ended(ending: Ending, detail: str = "") -> Delivery:
        return Delivery(
            job=job,
            events=tuple(events),
            ending=ending,
            ended_s=system.history.now_s(),
            detail=detail,
            replies=polls,
        )

    while time.monotonic() < deadline:
        left_s = deadline - time.monotonic()
        hold_s = min(system.timings.poll_hold_s + system.patience_s, max(left_s, 1.0))
        reply = await system.poll(job, via=next(turns), role=role, within_s=hold_s)
        polls += 1
        events += reply.events
        if not reply.answered:
            return ended(Ending.SILENT, f"poll {polls}: {reply.detail}")
        if reply.status != 200:
            return ended(Ending.REFUSED, f"poll {polls}: {reply.words}")
        if is_over(reply.events):
            return ended(ending_of(events) or Ending.UNMARKED)
        await asyncio.sleep(_PAUSE_S)
    return ended(Ending.SILENT, f"no terminal event in {polls} polls")


async def read_stream(
    job: Job,
    *,
    via: Worker | None = None,
    within_s: float | None = None,
    role: Role = Role.USER,
) -> Delivery:
    """Read a stream until it ends or the deadline passes."""
    system = job.system
    bound_s = within_s or system.within(job.probe)
    deadline = time.monotonic() + bound_s
    ending, detail = Ending.SILENT, f"the stream was still open after {bound_s:.1f} s"
    async with system.stream(job, via=via, role=role) as stream:
        if stream.reply.status != 200:
            ending, detail = Ending.REFUSED, stream.reply.words
        else:
            ending, detail = await _drain(stream, deadline, ending, detail)
        return Delivery(
            job=job,
            events=tuple(stream.events),
            ending=ending,
            ended_s=system.history.now_s(),
            detail=detail,
        )


async def _drain(
    stream: OpenStream, deadline: float, ending: Ending, detail: str
) -> tuple[Ending, str]:
    while (left_s := deadline - time.monotonic()) > 0:
        try:
            event = await stream.next_event(within_s=left_s)
        except TimeoutError:
            break
        except httpx.HTTPError as error:
            return _how(stream.events), f"the connection broke: {type(error).__name__}"
        if event is None:
            return _how(stream.events), ""
        if is_over([event]):
            deadline = min(deadline, time.monotonic() + stream.job.system.timings.answer_s)
    if is_over(stream.events):
        return _how(stream.events), "the connection was left open after the terminal event"
    return ending, detail


def _how(events: list[Event]) -> Ending:
    return ending_of(events) or Ending.UNMARKED
