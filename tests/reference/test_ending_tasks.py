"""A stop that waits for no task for ever, whatever the task makes of its cancel."""

from __future__ import annotations

import asyncio
import gc

import pytest

from reference_impl.common import tasks
from reference_impl.common.tasks import end_all
from reference_impl.flowise.worker import Worker


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "HEARD_WITHIN_S", 0.01)


async def heeding() -> None:
    await asyncio.Event().wait()


async def losing_two_cancels() -> None:
    """As a client library that takes a cancel for a time limit of its own."""
    for _ in range(2):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    await asyncio.Event().wait()


async def failing() -> None:
    raise ValueError("of no interest any more")


def test_all_tasks_are_over_when_it_returns() -> None:
    complaints: list[object] = []

    async def run() -> list[bool]:
        asyncio.get_running_loop().set_exception_handler(lambda *told: complaints.append(told))
        made = [asyncio.create_task(each()) for each in (heeding, losing_two_cancels, failing)]
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await end_all(made)
        over = [task.done() for task in made]
        made.clear()
        gc.collect()
        return over

    assert asyncio.run(run()) == [True, True, True]
    assert complaints == []


def test_nothing_to_end_is_no_wait() -> None:
    asyncio.run(end_all([]))


def test_who_waits_for_a_refusal_may_stop_though_the_rounds_go_on() -> None:
    """A worker that is told to stop waits for no refusal, even where its rounds lose a cancel."""

    async def run() -> tuple[bool, bool, bool]:
        worker = object.__new__(Worker)
        rounds = asyncio.create_task(losing_two_cancels())
        worker._tasks = [rounds]
        waiting = asyncio.create_task(worker.until_refused())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting], timeout=1)
        untouched = rounds.cancelling() == 0
        over = waiting.cancelled()
        await end_all([rounds])
        return over, untouched, rounds.done()

    assert asyncio.run(run()) == (True, True, True)
