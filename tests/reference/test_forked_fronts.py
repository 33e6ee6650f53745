"""Fronts that are forks: as many as asked, replaced when they die, gone when they are told to."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import psutil
import pytest

from queueproof import paths
from queueproof.stack.children import start_child
from queueproof.stack.ports import free_port
from queueproof.targets.reference_forks import REFERENCE
from queueproof.waiting import eventually

FRONTS = 2


def children_of(pid: int) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(pid).children()
        if child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in str(child.cmdline())
    ]


async def serving(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
    except OSError:
        return False
    return b" 200 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize(("fast", "forked"), [("1", True), ("0", False)])
def test_fronts_are_forks_where_that_is_wanted_and_live_as_others_do(
    tmp_path: Path, fast: str, forked: bool
) -> None:
    port = free_port()

    async def run() -> None:
        child = await start_child(
            [*REFERENCE, "generic", "front", "--port", str(port)],
            environment={
                "PYTHONPATH": str(paths.root()),
                "JOBS_REDIS_URL": "redis://127.0.0.1:1",
                "JOBS_FRONTS": str(FRONTS),
                "REFERENCE_FAST": fast,
            },
            log=tmp_path / "log",
            cwd=tmp_path,
        )
        pid = child.pid
        try:
            assert (await eventually(lambda: serving(port), bool, within_s=20.0))[1]
            first, *_ = children_of(pid)
            assert len(children_of(pid)) == FRONTS
            assert (first.cmdline() == psutil.Process(pid).cmdline()) is forked

            first.kill()

            async def replaced() -> bool:
                alive = {each.pid for each in children_of(pid)} - {first.pid}
                return len(alive) == FRONTS

            assert (await eventually(replaced, bool, within_s=20.0))[1]
            children = children_of(pid)
            psutil.Process(pid).terminate()
            assert await child.wait() in (0, -signal.SIGTERM)
            assert not [each for each in children if each.is_running()]
        finally:
            await child.stop()

    asyncio.run(run())
