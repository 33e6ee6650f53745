"""Reading a stream whose connection is lost before the target has answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from queueproof.errors import Inconclusive
from queueproof.history import ON_KEPT, Event, EventKind, Operation, Outcome
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.open_stream import OpenStream, StreamLost
from queueproof.targets.protocol import PollReply, Reply
from queueproof.targets.reading import poll_until_terminal, read_stream
from queueproof.targets.system import System
from queueproof.targets.worker import ANY_WORKER


class Losing:
    """A system that loses the first `losses` requests for a stream; the next one may break."""

    history = SimpleNamespace(now_s=lambda: 1.0)
    breaks = False
    timings = SimpleNamespace(answer_s=1.0)

    def __init__(self, losses: int, *, reused: bool) -> None:
        self.left, self.reused = losses, reused
        self.job = Job(
            id="1",
            key="1",
            probe=Probe(),
            owner=ANY_WORKER,
            submitted_s=0.0,
            system=cast(System, self),
        )

    def within(self, _probe: Probe) -> float:
        return 5.0

    @asynccontextmanager
    async def stream(self, job: Job, **_: Any) -> AsyncIterator[OpenStream]:
        self.left -= 1
        if self.left >= 0:
            raise StreamLost("not answered: ReadError", reused=self.reused)
        reply = Reply(outcome=Outcome.OK, status=200)
        operation = Operation(number=1, case="", kind="stream", job="1", worker="a", invoked_s=0.5)
        yield OpenStream(job, reply, ANY_WORKER, self._events(), operation)

    async def _events(self) -> AsyncIterator[Event]:
        if self.breaks:
            yield Event(kind=EventKind.TICK, at_s=0.9, tick=0)
            raise httpx.RemoteProtocolError("incomplete chunked read")
        yield Event(kind=EventKind.END, at_s=1.0)


def read(losses: int, *, reused: bool = True) -> Delivery:
    return asyncio.run(read_stream(Losing(losses, reused=reused).job))


def test_a_kept_connection_that_the_server_closed_costs_a_second_request() -> None:
    assert read(losses=1).ending is Ending.COMPLETED


def test_a_connection_of_the_request_s_own_that_is_lost_has_no_excuse() -> None:
    assert read(losses=1, reused=False).ending is Ending.LOST


@pytest.mark.parametrize("losses", [2, 3])
def test_a_connection_lost_twice_before_any_answer_is_no_end(losses: int) -> None:
    lost = read(losses)

    assert (lost.ending, lost.events) == (Ending.LOST, ())
    assert not lost.ending.is_end
    assert "ReadError" in lost.detail


def broken(*, at_s: float) -> str:
    """What is said of a stream that broke then, its only event at 0.9 s."""
    system = Losing(0, reused=False)
    system.breaks = True
    system.history = SimpleNamespace(now_s=lambda: at_s)
    return asyncio.run(read_stream(system.job)).detail


def test_a_stream_that_breaks_in_its_silence_may_have_been_cut_by_a_front() -> None:
    said = broken(at_s=6.0)

    assert "5.5 s after the request: RemoteProtocolError, 5.1 s after the last event" in said
    assert "something in front may cut what is silent for so long" in said


def test_a_stream_that_breaks_in_the_midst_of_events_was_cut_for_no_silence() -> None:
    assert broken(at_s=1.0) == "the connection broke 0.5 s after the request: RemoteProtocolError"


TICKS = tuple(Event(kind=EventKind.TICK, at_s=1.0, tick=number) for number in range(5))
END = Event(kind=EventKind.END, at_s=1.0)


def polled(*answers: str | tuple[Event, ...]) -> Delivery:
    """What polls deliver that are answered with these events, or lost in these words."""
    left = iter(answers)

    async def poll(*_: Any, **__: Any) -> PollReply:
        told = next(left)
        if isinstance(told, str):
            return PollReply(outcome=Outcome.UNKNOWN, detail=told)
        return PollReply(outcome=Outcome.OK, status=200, events=told)

    system: Any = Losing(0, reused=False)
    system.poll, system.patience_s = poll, 1.0
    system.timings = SimpleNamespace(poll_hold_s=1.0)
    return asyncio.run(poll_until_terminal(system.job, via=ANY_WORKER))


def test_a_poll_lost_with_a_kept_connection_is_sent_again() -> None:
    kept = f"connection lost: ReadError{ON_KEPT}"

    assert polled(TICKS[:2], kept, TICKS[2:], kept, (END,)).ending is Ending.COMPLETED
    with pytest.raises(Inconclusive, match="what is missing may have been in its answer"):
        polled(TICKS[:2], kept, (*TICKS[3:], END))


def test_a_poll_lost_twice_or_on_its_own_connection_is_the_targets_loss() -> None:
    kept, own = f"connection lost: ReadError{ON_KEPT}", "connection lost: ReadError"

    assert polled(TICKS[:2], kept, own).ending is Ending.SILENT
    assert polled(TICKS[:2], kept, kept).ending is Ending.SILENT
    assert polled(own).ending is Ending.SILENT
