"""Reading a stream whose connection is lost before the target has answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.history import Event, EventKind, Operation, Outcome
from queueproof.probe import Probe
from queueproof.targets.fleet import ANY_WORKER
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.protocol import Reply
from queueproof.targets.reading import read_stream
from queueproof.targets.system import OpenStream, StreamLost, System


class Losing:
    """A system that loses the first `losses` requests for a stream."""

    history = SimpleNamespace(now_s=lambda: 1.0)
    timings = SimpleNamespace(answer_s=1.0)

    def __init__(self, losses: int) -> None:
        self.left = losses
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
            raise StreamLost("the request for a stream was not answered: ReadError")
        reply = Reply(outcome=Outcome.OK, status=200)
        operation = Operation(number=1, case="", kind="stream", job="1", worker="a", invoked_s=0.5)
        yield OpenStream(job, reply, ANY_WORKER, self._events(), operation)

    async def _events(self) -> AsyncIterator[Event]:
        yield Event(kind=EventKind.END, at_s=1.0)


def read(losses: int) -> Delivery:
    return asyncio.run(read_stream(Losing(losses).job))


def test_a_kept_connection_that_the_server_closed_costs_a_second_request() -> None:
    assert read(losses=1).ending is Ending.COMPLETED


@pytest.mark.parametrize("losses", [2, 3])
def test_a_connection_lost_twice_is_an_end_without_a_word(losses: int) -> None:
    lost = read(losses)

    assert (lost.ending, lost.events) == (Ending.UNMARKED, ())
    assert "ReadError" in lost.detail
