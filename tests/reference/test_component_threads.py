"""Threads of components: used again, never shared, and safe to interrupt."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from reference_impl.fast import thread_reuse as runtime
from reference_impl.langflow.component_runtime import in_thread


@pytest.fixture(autouse=True)
def no_idle_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads of other tests are left alone, and those of a test do not outlive it for long."""
    monkeypatch.setattr(runtime, "_idle", [])
    monkeypatch.setattr(runtime, "IDLE_S", 0.3)


async def until_idle(number: int) -> None:
    """A thread tells its result a moment before it is idle."""
    late_s = time.monotonic() + 5
    while len(runtime._idle) != number:
        assert time.monotonic() < late_s
        await asyncio.sleep(0.005)


def test_one_call_after_another_uses_the_same_thread() -> None:
    """Whatever the calls return or raise."""

    def fails() -> int:
        raise ValueError("as asked")

    async def body() -> set[int]:
        idents = set()
        for _ in range(3):
            idents.add(await in_thread(threading.get_ident))
            await until_idle(1)
            with pytest.raises(ValueError, match="as asked"):
                await in_thread(fails)
            await until_idle(1)
        return idents

    assert len(asyncio.run(body())) == 1


def test_calls_that_take_long_do_not_wait_for_each_other() -> None:
    """Each has a thread of its own, however many there are."""
    together = threading.Barrier(60)

    async def body() -> None:
        await asyncio.gather(*(in_thread(lambda: together.wait(timeout=10)) for _ in range(60)))

    asyncio.run(body())
    assert not together.broken


def test_an_interrupt_ends_its_own_call_and_no_later_one() -> None:
    """The interrupted thread is given up; what comes next has another."""
    begun, ended = threading.Event(), threading.Event()

    def works_for_ever() -> None:
        begun.set()
        try:
            while True:
                time.sleep(0.001)
        finally:
            ended.set()

    async def body() -> None:
        for _ in range(20):
            begun.clear()
            ended.clear()
            task = asyncio.create_task(in_thread(works_for_ever))
            assert await asyncio.to_thread(begun.wait, 5)
            task.cancel()
            results = await asyncio.gather(*(in_thread(lambda n=n: n) for n in range(5)))  # type: ignore[misc]
            assert results == [0, 1, 2, 3, 4]
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(ended.wait, 5)

    asyncio.run(body())


def test_an_idle_thread_ends() -> None:
    """A burst leaves nothing behind."""

    async def body() -> threading.Thread:
        thread = await in_thread(threading.current_thread)
        await until_idle(1)
        return thread

    thread = asyncio.run(body())
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert runtime._idle == []
