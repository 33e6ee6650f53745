"""A worker's child is killed: the right one, and none where the worker has none."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest

from queueproof.errors import NotAssessed
from queueproof.faults.kill_child import KilledChild, children_at_work, oldest
from queueproof.processes.signalling import Victim
from queueproof.stack.replica import Replica

POOL = """
import multiprocessing, time

def work(told):
    told.set()
    time.sleep(60)

if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    for _ in range({children}):
        told = context.Event()
        context.Process(target=work, args=(told,), daemon=True).start()
        told.wait()
    print("ready", flush=True)
    time.sleep(60)
"""


@contextmanager
def pool(children: int, tmp_path: Any) -> Iterator[Replica]:
    """A worker program with so many children, below Python's own fork server."""
    program = tmp_path / "pool.py"
    program.write_text(POOL.replace("{children}", str(children)), "utf-8")
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE) as process:
        below: list[psutil.Process] = []
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            below = psutil.Process(process.pid).children(recursive=True)
            yield cast(Replica, Pool(process.pid))
        finally:
            for each in (process, *below):
                with suppress(psutil.NoSuchProcess):
                    each.kill()


class Pool(SimpleNamespace):
    """What the fault asks of a replica."""

    def __init__(self, pid: int) -> None:
        super().__init__(name="worker a", pid=pid)

    async def victim(self) -> Victim:
        return Victim.started(self.pid)


def test_the_child_that_began_first_is_killed_and_nothing_else(tmp_path: Any) -> None:
    """Neither the worker, nor another child, nor a helper of Python's."""
    with pool(2, tmp_path) as replica:
        pid = cast(Any, replica).pid
        struck, other = sorted(children_at_work(pid), key=lambda child: child.create_time())
        others = {each.pid for each in psutil.Process(pid).children(recursive=True)} - {struck.pid}
        fault = KilledChild(replica)

        said = asyncio.run(killed(fault))

        assert f"process {struck.pid}" in said
        assert other.is_running()
        alive = {
            each.pid
            for each in psutil.Process(pid).children(recursive=True)
            if each.status() != psutil.STATUS_ZOMBIE
        }
        assert alive == others
        assert psutil.Process(pid).is_running()


async def killed(fault: KilledChild) -> str:
    await fault.apply()
    said = await fault.confirm()
    await fault.heal()
    return said


def test_a_worker_that_runs_its_jobs_itself_is_not_assessed(tmp_path: Any) -> None:
    nothing = pytest.raises(NotAssessed, match="worker a has no child process")
    with pool(0, tmp_path) as replica, nothing:
        asyncio.run(KilledChild(replica).apply())


def test_no_children_have_no_oldest() -> None:
    assert oldest([]) is None
