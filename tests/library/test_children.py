"""Programs that are started end with everything they started; the ports they are given."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil

from queueproof.stack.children import Child, start_child
from queueproof.waiting import eventually

# A server that is deaf to a polite end, with a worker that the process table no longer shows below
# it: its own parent has ended.
_STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(60)
"""


async def _stubborn(folder: Path) -> tuple[Child, int]:
    child = await start_child(
        (sys.executable, "-c", _STUBBORN), environment={}, log=folder / "stubborn.log"
    )

    async def worker() -> str:
        return child.output.strip()

    number, told = await eventually(worker, bool, within_s=20.0)
    assert told
    return child, int(number)


async def _is_gone(pid: int) -> bool:
    async def gone() -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    return (await eventually(gone, bool, within_s=5.0))[1]


def test_what_a_child_left_behind_ends_with_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        child, worker = await _stubborn(tmp_path)
        await child.stop(grace_s=0.1)
        assert child.exit_code is not None
        assert await _is_gone(worker)

    asyncio.run(scenario())


def test_a_stop_that_is_cut_short_leaves_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        child, worker = await _stubborn(tmp_path)
        stop = asyncio.create_task(child.stop(grace_s=30.0))
        await asyncio.sleep(0.1)
        stop.cancel()
        await asyncio.wait({stop})
        assert await _is_gone(worker)
        assert await child.wait() != 0

    asyncio.run(scenario())
