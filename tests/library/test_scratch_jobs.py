"""The jobs of ours by which workers are told apart, and what they do to a target."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from queueproof.errors import Inconclusive
from queueproof.history import Event, EventKind, Outcome
from queueproof.targets import ways
from queueproof.targets.protocol import Adapter, CancelReply, PollReply, SubmitReply
from queueproof.targets.vantage import Vantage

_BEGUN = (Event(EventKind.START, 0.0), Event(EventKind.TICK, 0.1, tick=0))
_CONNECTION = cast("Vantage", object())


class Recording:
    """An adapter that answers polls in turn, the last answer for ever, and notes what was asked."""

    def __init__(self, *polls: PollReply, accepts: bool = True) -> None:
        self.asked: list[str] = []
        self._polls = list(polls)
        self._accepts = accepts

    async def submit(self, *_: Any, **__: Any) -> SubmitReply:
        self.asked.append("submit")
        if not self._accepts:
            return SubmitReply(outcome=Outcome.FAILED, status=503)
        return SubmitReply(outcome=Outcome.OK, status=200, job_id="job")

    async def poll(self, *_: Any, **__: Any) -> PollReply:
        self.asked.append("poll")
        return self._polls.pop(0) if len(self._polls) > 1 else self._polls[0]

    async def cancel(self, *_: Any, **__: Any) -> CancelReply:
        self.asked.append("cancel")
        return CancelReply(outcome=Outcome.OK, status=200, claims_success=True)


def answered(*events: Event, status: int = 200) -> PollReply:
    return PollReply(outcome=Outcome.OK, status=status, events=events)


def run_on(adapter: Recording) -> list[str]:
    """What was asked before, in and after the context of one scratch job."""

    async def run() -> None:
        async with ways.scratch_jobs(cast("Adapter", adapter))(_CONNECTION):
            adapter.asked.append("looked")

    asyncio.run(run())
    return adapter.asked


def test_a_scratch_job_is_cancelled_once_it_is_at_work() -> None:
    """A start that is told is no work yet."""
    adapter = Recording(answered(), answered(_BEGUN[0]), answered(*_BEGUN))

    assert run_on(adapter) == ["submit", "poll", "poll", "poll", "looked", "cancel"]


def test_a_job_that_never_works_is_cancelled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ways, "_AT_WORK_WITHIN_S", 0.25)
    asked = run_on(Recording(answered()))

    assert asked[0] == "submit"
    assert 2 <= asked.count("poll") <= 4
    assert asked[-2:] == ["looked", "cancel"]


def test_a_poll_that_is_refused_is_not_repeated() -> None:
    adapter = Recording(answered(status=503))

    assert run_on(adapter) == ["submit", "poll", "looked", "cancel"]


def test_what_was_not_accepted_is_not_cancelled() -> None:
    adapter = Recording(answered(), accepts=False)

    with pytest.raises(Inconclusive, match="no scratch job could be submitted"):
        run_on(adapter)
    assert adapter.asked == ["submit"]
