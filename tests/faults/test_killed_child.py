"""A worker's child is killed: the right one, and none where the worker has none."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest

from queueproof.errors import NotAssessed
from queueproof.faults.base import Unconfirmed
from queueproof.faults.kill_child import KilledChild, children_at_work, oldest, worker_below
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

#: Its only child is a shell, which waits for the worker.
WRAPPER = ["sh", "-c", '"$@"; exit $?', "sh"]
#: A worker with one job, which has a resource tracker of its own.
TRACKED = """
import subprocess, sys, time

if sys.argv[1:] == ["job"]:
    idle = "import time; time.sleep(60)"
    subprocess.Popen([sys.executable, "-c", idle, "multiprocessing.resource_tracker"])
else:
    job = subprocess.Popen([sys.executable, __file__, "job"], stdout=subprocess.PIPE)
    job.stdout.readline()
print("ready", flush=True)
time.sleep(60)
"""


@contextmanager
def pool(
    children: int, tmp_path: Any, *, wrapper: Sequence[str] = (), text: str = POOL
) -> Iterator[Replica]:
    """A worker program with so many children, below Python's own fork server."""
    program = tmp_path / "pool.py"
    program.write_text(text.replace("{children}", str(children)), "utf-8")
    command = [*wrapper, sys.executable, str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
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
        super().__init__(name="worker a", pid=pid, started=0)
        self.keeper = SimpleNamespace(must_be_startable=lambda: None)

    async def victim(self) -> Victim:
        return Victim.started(self.pid)

    async def start(self) -> None:
        self.started += 1


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


def test_behind_a_wrapper_the_workers_child_is_killed(tmp_path: Any) -> None:
    """However many programs start each other before the worker begins."""
    with pool(1, tmp_path, wrapper=WRAPPER * 2) as replica:
        pid = cast(Any, replica).pid
        worker = worker_below(pid)
        [child] = children_at_work(worker)

        said = asyncio.run(killed(KilledChild(replica)))

        assert worker != pid
        assert f"process {child.pid}" in said
        assert psutil.Process(pid).is_running()
        assert psutil.Process(worker).is_running()


def test_a_worker_that_a_wrapper_started_and_that_has_no_child_is_not_accused(
    tmp_path: Any,
) -> None:
    """It is itself what is killed, and is brought up again."""
    with pool(0, tmp_path, wrapper=WRAPPER) as replica:
        fault = KilledChild(replica)

        with pytest.raises(NotAssessed, match="runs its jobs itself"):
            asyncio.run(fault.apply())
        asyncio.run(fault.heal())

        assert cast(Any, replica).started == 1


def test_a_helper_below_a_job_is_not_what_runs_it(tmp_path: Any) -> None:
    with pool(0, tmp_path, text=TRACKED) as replica:
        pid = cast(Any, replica).pid
        [job] = psutil.Process(pid).children()

        said = asyncio.run(killed(KilledChild(replica)))

        assert f"process {job.pid}" in said


def test_a_worker_that_is_gone_later_is_no_proof(tmp_path: Any) -> None:
    with pool(1, tmp_path) as replica:
        fault = KilledChild(replica)
        asyncio.run(fault.apply())
        worker = Victim.started(cast(Any, replica).pid)
        worker.send(signal.SIGKILL)
        while worker.alive:
            time.sleep(0.01)

        with pytest.raises(Unconfirmed, match="the worker is gone"):
            asyncio.run(fault.confirm())


def test_no_children_have_no_oldest() -> None:
    assert oldest([]) is None
