"""Each run of a job in a process of its own, as work horses and prefork pools have it.

The worker takes jobs, holds their leases and ends them; the child does the steps. A child that is
killed takes its run along and nothing else: the worker gives the job back.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection
from typing import Any

from reference_impl.generic.settings import Settings
from reference_impl.generic.store import JobStore, redis_of
from reference_impl.generic.worker import Worker, insisting

_CONTEXT = multiprocessing.get_context("forkserver")


class ChildLost(Exception):
    """The process of a run ended before the run did."""


class ParentWorker(Worker):
    """Has its jobs done by children."""

    async def do(self, job_id: str, attempt: int, asked: dict[str, Any]) -> None:
        """Have a child do the steps; raises what went wrong in it, or ChildLost."""
        told, telling = _CONTEXT.Pipe(duplex=False)
        child = _CONTEXT.Process(
            target=work_in_child, args=(telling, self.settings, job_id, attempt, asked), daemon=True
        )
        child.start()
        telling.close()
        try:
            await _ended(child.sentinel)
            if child.exitcode:
                raise ChildLost(f"the process of run {attempt} ended with {child.exitcode}")
            if failure := told.recv():
                raise RuntimeError(failure)
        finally:
            child.kill()
            child.join()
            told.close()

    async def ended(
        self, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        """A run that came to its own end, or lost its process."""
        if isinstance(error, ChildLost):
            await self.lost(job_id, attempt)
        else:
            await super().ended(job_id, attempt, asked, error)

    async def lost(self, job_id: str, attempt: int) -> None:
        """Give back the job of a child that is gone."""
        await insisting(lambda: self.store.retry(job_id, attempt))


def start_fork_server() -> None:
    """Make ready to fork children quickly; before any of them is needed."""
    multiprocessing.set_forkserver_preload([__name__])
    first = _CONTEXT.Process(target=int)
    first.start()
    first.join()


def work_in_child(
    telling: Connection, settings: Settings, job_id: str, attempt: int, asked: dict[str, Any]
) -> None:
    """The steps of one run, in this process; what made it fail is told, or nothing."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # a stop is the worker's: it drains
    threading.Thread(target=_end_with_parent, daemon=True).start()
    telling.send(asyncio.run(_steps(settings, job_id, attempt, asked)))


async def _steps(settings: Settings, job_id: str, attempt: int, asked: dict[str, Any]) -> str:
    redis = redis_of(settings.redis_url, within_s=2.0)
    try:
        await Worker(JobStore(redis, settings), settings).do(job_id, attempt, asked)
    except RuntimeError as failure:
        return str(failure)
    finally:
        await redis.aclose()
    return ""


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


async def _ended(sentinel: int) -> None:
    """Wait until a process has ended."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(sentinel)
