"""The job that every bridge runs: numbered steps, each told to the record and to a witness.

`do` is for libraries whose tasks are functions, `do_async` for those whose tasks are coroutines.
Neither looks for a cancel: to stop a job is the library's affair.
"""

from __future__ import annotations

import asyncio
import builtins
import time
import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from bridges.record import Record
from bridges.settings import text

Work = Mapping[str, Any]
_WITNESS_WITHIN_S = 5.0


class Failed(Exception):
    """The job was asked to fail."""


def _failure(why: str) -> Exception:
    """What a job that is to fail raises: Failed, or the built-in that BRIDGE_FAILS_WITH names."""
    kind: type[Exception] = getattr(builtins, text("FAILS_WITH"), Failed)
    return kind(why)


def do(work: Work) -> dict[str, int]:
    """Do the steps; what the job results in. Raises Failed where the order says so."""
    for pause_s in _steps(work):
        time.sleep(pause_s)
    return result_of(work)


async def do_async(work: Work) -> dict[str, int]:
    """As `do`, on an event loop: pauses are awaited, reports are made in a thread."""
    steps = _steps(work)
    while True:
        pause_s = await asyncio.to_thread(next, steps, None)
        if pause_s is None:
            return result_of(work)
        await asyncio.sleep(pause_s)


def result_of(work: Work) -> dict[str, int]:
    """What a job results in once it is finished: its steps and their sum."""
    return {"steps": work["steps"], "sum": sum(range(work["steps"]))}


def _steps(work: Work) -> Iterator[float]:
    """Begin a run, do each step, and yield each pause."""
    record = _record()
    run = record.begin(work["token"]) + 1
    yield work["slow_start_s"]
    for step in range(work["steps"]):
        if step == work["fail_at"]:
            raise _failure(f"step {step} failed, as it was asked to")
        if step == 1 and run <= work["fail_times"]:
            raise _failure(f"run {run} failed, as it was asked to")
        if work["witness"]:
            address = f"{work['witness']}/{step}"
            with urllib.request.urlopen(address, timeout=_WITNESS_WITHIN_S):
                pass
        record.step(work["token"], step, work["padding"])
        yield work["seconds"] + (work["quiet_s"] if step == work["quiet_after"] else 0.0)


@cache
def _record() -> Record:
    return Record()
