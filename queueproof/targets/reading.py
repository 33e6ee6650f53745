"""Reading a job to its end, by polling or by streaming, in bounded time."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator

import httpx

from queueproof.errors import Inconclusive
from queueproof.history import ON_KEPT, Event, EventKind
from queueproof.targets.answers import Kind
from queueproof.targets.bodies import Unreadable
from queueproof.targets.job import ENDING_AT, Delivery, Ending, Job, ending_of, is_over
from queueproof.targets.open_stream import OpenStream, StreamLost, StreamUnanswered
from queueproof.targets.protocol import Role
from queueproof.targets.worker import Worker

_PAUSE_S = 0.03
#: A connection that breaks in the midst of events was cut by nobody for its silence.
_SILENT_S = 1.0
_CUTS_SILENCE = (
    "something in front may cut what is silent for so long, as nginx does by proxy_read_timeout "
    "and HAProxy by timeout server"
)


def alternate(workers: Iterable[Worker]) -> Iterator[Worker]:
    """The workers in turn, for ever."""
    return itertools.cycle(tuple(workers))


async def poll_until_terminal(
    job: Job,
    *,
    via: Worker | Iterator[Worker],
    within_s: float | None = None,
    role: Role = Role.USER,
    after: str | None = None,
) -> Delivery:
    """Poll until a terminal event, an answer that is none of polling, or the deadline.

    With `after` the client keeps its own position, beginning behind the one given. A server may
    close a kept connection when it likes: a poll that met this is sent again, once, and what it may
    have carried accuses nobody. Raises Inconclusive for that, and where something in front of the
    target answers (see System).
    """
    system = job.system
    turns = itertools.repeat(via) if isinstance(via, Worker) else via
    deadline = time.monotonic() + (within_s or system.within(job.probe))
    events: list[Event] = []
    polls = 0
    lost, lost_just_now = "", False

    def ended(ending: Ending, detail: str = "") -> Delivery:
        lacking = set(job.probe.expected_ticks) - {event.tick for event in events}
        if lost and lacking and not lost_just_now:
            raise Inconclusive(f"{lost}: what is missing may have been in its answer")
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
        reply = await system.poll(job, via=next(turns), role=role, within_s=hold_s, after=after)
        polls += 1
        deadline += reply.waited_s
        events += reply.events
        after = after and (reply.position or after)
        if reply.kind is Kind.UNANSWERED and reply.detail.endswith(ON_KEPT) and not lost_just_now:
            lost, lost_just_now = f"poll {polls}: {reply.words}", True
            continue
        lost_just_now = lost_just_now and reply.kind is Kind.UNANSWERED
        if reply.kind is not Kind.SUCCESS:
            return ended(ENDING_AT[reply.kind], f"poll {polls}: {reply.words}")
        if is_over(reply.events):
            return ended(ending_of(events) or Ending.UNMARKED)
        await asyncio.sleep(_PAUSE_S)
    return ended(Ending.SILENT, f"no terminal event in {polls} polls")


async def poll_until_tick(
    job: Job, tick: int, *, via: Worker, within_s: float | None = None
) -> tuple[Event, ...]:
    """Poll until a tick has come; what came until then.

    Raises Inconclusive when it does not come.
    """
    system = job.system
    deadline = time.monotonic() + (within_s or system.within(job.probe))
    events: list[Event] = []
    while (left_s := deadline - time.monotonic()) > 0:
        reply = await system.poll(job, via=via, within_s=left_s)
        deadline += reply.waited_s
        events += reply.events
        if any(event.tick is not None and event.tick >= tick for event in reply.events):
            return tuple(events)
        if reply.kind is not Kind.SUCCESS or is_over(reply.events):
            break
        await asyncio.sleep(_PAUSE_S)
    raise Inconclusive(f"tick {tick} did not come by polling worker {via}")


async def read_job(
    job: Job, *, via: Worker | None = None, within_s: float | None = None
) -> Delivery:
    """Read a job to its end by what its target has: a stream, or polls, or its state alone.

    For a case that asks what became of the job, not how that was told. Where no request tells the
    job's steps they are what the witness has seen of them, so that the probe should be witnessed.
    """
    system = job.system
    operations = system.adapter.operations
    if "stream_once" in operations:
        return await read_stream(job, via=job.owner, within_s=within_s)
    if "stream" in operations:
        return await read_stream(job, via=via, within_s=within_s)
    delivered = await poll_until_terminal(job, via=via or job.owner, within_s=within_s)
    if "steps" in operations:
        return delivered
    done = (Event(EventKind.TICK, seen.at_s, tick=seen.tick) for seen in job.sightings)
    return delivered.preceded_by(done)


async def read_stream(
    job: Job,
    *,
    via: Worker | None = None,
    within_s: float | None = None,
    role: Role = Role.USER,
) -> Delivery:
    """Read a stream until it ends or the deadline passes; unanswered, it never ended.

    A server may close a kept connection when it likes, so a request that met this is sent again,
    once, on another. One that was lost on a connection of its own is the target's loss.
    """
    system = job.system
    bound_s = within_s or system.within(job.probe)
    deadline = time.monotonic() + bound_s

    async def read() -> Delivery:
        left_s = max(deadline - time.monotonic(), 0.1)
        async with system.stream(job, via=via, role=role, answer_within_s=left_s) as stream:
            return await read_to_end(stream, within_s=max(deadline - time.monotonic(), 0.1))

    try:
        try:
            return await read()
        except StreamLost as lost:
            if not lost.reused:
                raise
            return await read()
    except (StreamLost, StreamUnanswered) as silence:
        return Delivery(
            job=job,
            events=(),
            ending=Ending.SILENT if isinstance(silence, StreamUnanswered) else Ending.LOST,
            ended_s=system.history.now_s(),
            detail=str(silence),
        )


async def read_to_end(stream: OpenStream, *, within_s: float | None = None) -> Delivery:
    """Read an open stream until it ends or the deadline passes; all it has told, then."""
    job = stream.job
    bound_s = within_s or job.system.within(job.probe)
    ending, detail = Ending.SILENT, f"the stream was still open after {bound_s:.1f} s"
    if stream.reply.kind is not Kind.SUCCESS:
        ending, detail = ENDING_AT[stream.reply.kind], stream.reply.words
    else:
        ending, detail = await _drain(stream, time.monotonic() + bound_s, ending, detail)
    return Delivery(
        job=job,
        events=tuple(stream.events),
        ending=ending,
        ended_s=job.system.history.now_s(),
        detail=detail,
        began_s=stream.asked_s,
    )


async def read_until_tick(stream: OpenStream, tick: int, *, within_s: float | None = None) -> None:
    """Read an open stream up to a tick; raises Inconclusive when it does not come."""
    bound_s = within_s or stream.job.system.within(stream.job.probe)
    try:
        async with asyncio.timeout(bound_s):
            while (event := await stream.next_event(within_s=bound_s)) is not None:
                if event.tick is not None and event.tick >= tick:
                    return
    except (TimeoutError, httpx.HTTPError):
        pass
    raise Inconclusive(f"tick {tick} did not come through the stream of worker {stream.worker}")


async def _drain(
    stream: OpenStream, deadline: float, ending: Ending, detail: str
) -> tuple[Ending, str]:
    while (left_s := deadline - time.monotonic()) > 0:
        try:
            event = await stream.next_event(within_s=left_s)
        except TimeoutError:
            break
        except Unreadable as error:
            return Ending.UNREADABLE, str(error)
        except httpx.HTTPError as error:
            return _how(stream.events), _how_it_broke(stream, error)
        if event is None:
            return _how(stream.events), ""
        if is_over([event]):
            deadline = min(deadline, time.monotonic() + stream.job.system.timings.answer_s)
    if is_over(stream.events):
        return _how(stream.events), "the connection was left open after the terminal event"
    return ending, detail


def _how_it_broke(stream: OpenStream, error: httpx.HTTPError) -> str:
    """When the connection broke, and what may have cut it where no event had come for a while."""
    now_s, asked_s = stream.job.system.history.now_s(), stream.asked_s
    broke = (
        f"the connection broke {now_s - asked_s:.1f} s after the request: {type(error).__name__}"
    )
    silent_s = now_s - max((event.at_s for event in stream.events), default=asked_s)
    if silent_s < _SILENT_S:
        return broke
    return f"{broke}, {silent_s:.1f} s after the last event; {_CUTS_SILENCE}"


def _how(events: list[Event]) -> Ending:
    return ending_of(events) or Ending.UNMARKED
