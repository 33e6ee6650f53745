"""Clients beside a case: one that failed was not there, and nobody is accused of that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from queueproof.case_helpers.keepalive import Presence, beside, kept_alive
from queueproof.errors import Inconclusive, TargetUnreachable, Violation
from queueproof.history import Outcome
from queueproof.targets.protocol import PollReply

SECOND_SCANS: Any = import_module("suites.watchdog.test_second_scans")
VIOLATION = Violation(expected="this", actual="that")


async def fails(error: Exception) -> None:
    raise error


async def stays() -> None:
    await asyncio.sleep(60.0)


async def body(client: Any, error: Exception | None = None) -> None:
    async with beside(client, who="the client"):
        await asyncio.sleep(0.01)
        if error is not None:
            raise error


@pytest.mark.parametrize("seen", [None, VIOLATION, Inconclusive("late")])
@pytest.mark.parametrize(
    "trouble", [Inconclusive("no tick"), TargetUnreachable("gone"), ConnectionResetError("reset")]
)
def test_a_client_that_failed_leaves_the_case_inconclusive(
    seen: Exception | None, trouble: Exception
) -> None:
    with pytest.raises(Inconclusive, match="the client failed"):
        asyncio.run(body(fails(trouble), seen))


def test_an_error_of_ours_in_a_client_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        asyncio.run(body(fails(KeyError("x")), VIOLATION))


def test_a_client_that_stayed_changes_nothing_and_ends_with_the_body() -> None:
    asyncio.run(asyncio.wait_for(body(stays()), 5.0))
    with pytest.raises(Violation):
        asyncio.run(asyncio.wait_for(body(stays(), VIOLATION), 5.0))


def test_a_client_that_does_not_hear_the_first_cancel_is_told_again() -> None:
    async def hard_of_hearing() -> None:
        try:
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            await asyncio.sleep(60.0)

    asyncio.run(asyncio.wait_for(body(hard_of_hearing()), 10.0))


def answer(status: int) -> PollReply:
    return PollReply(status=status, outcome=Outcome.OK if status == 200 else Outcome.FAILED)


def job_of(*, seen_until_s: float, now_s: float = 5.0, status: int = 200) -> Any:
    """A job that did its last tick then, and whose polls are answered with `status` now."""

    async def poll(*_: Any, **__: Any) -> PollReply:
        await asyncio.sleep(0.005)
        return answer(status)

    system = SimpleNamespace(
        history=SimpleNamespace(now_s=lambda: now_s),
        timings=SimpleNamespace(stale_threshold_s=1.0, answer_s=5.0),
        poll=poll,
        adapter=SimpleNamespace(operations={"poll"}),
    )
    sightings = [SimpleNamespace(at_s=seen_until_s)]
    probe = SimpleNamespace(duration_s=1.0)
    return SimpleNamespace(system=system, sightings=sightings, probe=probe)


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_a_client_that_was_refused_while_the_job_worked_was_not_there(status: int) -> None:
    presence = Presence(job_of(seen_until_s=9.0))
    presence.saw(answer(status))

    with pytest.raises(Inconclusive, match="refused"):
        presence.to_be_doubted()


def test_a_refusal_after_the_last_tick_may_be_what_the_target_did_wrong() -> None:
    presence = Presence(job_of(seen_until_s=1.0))
    presence.saw(answer(500))

    presence.to_be_doubted()


def test_an_answer_about_the_job_is_no_refusal_of_its_client() -> None:
    presence = Presence(job_of(seen_until_s=9.0))
    for status in (200, 404, 410):
        presence.saw(answer(status))

    presence.to_be_doubted()


@pytest.mark.parametrize(("status", "raised"), [(200, Violation), (503, Inconclusive)])
def test_what_is_attended_by_a_refused_client_accuses_nobody(
    status: int, raised: type[Exception]
) -> None:
    async def case() -> None:
        job = job_of(seen_until_s=9.0, status=status)
        async with kept_alive(job, via=SimpleNamespace(label="b")):  # type: ignore[arg-type]
            await asyncio.sleep(0.05)
            raise VIOLATION

    with pytest.raises(raised):
        asyncio.run(case())


def test_a_client_whose_stream_breaks_opens_it_again() -> None:
    """In an outage of what is behind it a target may break a stream: its client is still there."""
    opened = 0

    class Broken:
        async def next_event(self, **_: Any) -> Any:
            if opened > 1:
                return "an event" if not there.is_set() else None
            raise httpx.ReadError("")

    @asynccontextmanager
    async def stream(*_: Any, **__: Any) -> AsyncIterator[Broken]:
        nonlocal opened
        opened += 1
        yield Broken()

    there = asyncio.Event()
    job: Any = SimpleNamespace(system=SimpleNamespace(stream=stream))

    async def play() -> None:
        async with beside(SECOND_SCANS._stream_on(job, "a", there), who="the client"):
            await asyncio.wait_for(there.wait(), 5.0)

    asyncio.run(play())

    assert opened > 1
