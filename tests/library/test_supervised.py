"""A worker program that ends is started again where it is supervised, and only there."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from queueproof.config.model import LaunchConfig
from queueproof.processes.process_view import alive
from queueproof.stack.launched_keeper import LaunchedKeeper
from queueproof.stack.launcher import Launcher
from queueproof.waiting import eventually

_WORKS = "import time; print('up', flush=True); time.sleep(60)"


@pytest.mark.parametrize("supervised", [True, False])
def test_a_worker_that_was_killed_comes_back_if_it_is_supervised(
    tmp_path: Path, supervised: bool
) -> None:
    command = (sys.executable, "-c", _WORKS)
    config = LaunchConfig(
        command=command, worker_command=command, worker_ready="up", supervised=supervised
    )

    async def killed() -> tuple[bool, bool]:
        keeper = LaunchedKeeper(
            Launcher(config, ready_path="/"), {}, data=tmp_path / "data", worker=True
        )
        (tmp_path / "data").mkdir()
        await keeper.start()
        assert keeper.boot is not None
        first = keeper.boot.child.pid
        os.kill(first, signal.SIGKILL)

        async def another() -> bool:
            pid = await keeper.master_pid()
            return pid is not None and pid != first and alive(pid)

        _, came_back = await eventually(another, bool, within_s=10.0 if supervised else 1.5)
        await keeper.stop()
        last = await keeper.master_pid()
        return came_back, last is not None and alive(last)

    assert asyncio.run(killed()) == (supervised, False)


def test_one_that_has_just_ended_is_started_again_at_once(tmp_path: Path) -> None:
    """The process table knows it before its parent has been told."""
    command = (sys.executable, "-c", _WORKS)
    config = LaunchConfig(command=command, worker_command=command, worker_ready="up")

    async def ended() -> bool:
        keeper = LaunchedKeeper(
            Launcher(config, ready_path="/"), {}, data=tmp_path / "data", worker=True
        )
        (tmp_path / "data").mkdir()
        await keeper.start()
        assert keeper.boot is not None
        first = keeper.boot.child.pid
        os.kill(first, signal.SIGKILL)
        while alive(first):  # no turn for the loop, which would reap it
            time.sleep(0.01)  # noqa: ASYNC251
        await keeper.start()
        pid = await keeper.master_pid()
        came_back = pid is not None and pid != first and alive(pid)
        await keeper.stop()
        return came_back

    assert asyncio.run(ended())
