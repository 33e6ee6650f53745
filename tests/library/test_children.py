"""Programs that are started end with everything they started; the ports they are given."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import deque
from pathlib import Path

import psutil
import pytest

from queueproof.stack import children
from queueproof.stack.children import Child, free_port, start_child
from queueproof.waiting import eventually

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_port_is_given_out_twice() -> None:
    ports = [free_port() for _ in range(200)]

    assert len(set(ports)) == 200


def test_a_port_can_be_listened_on() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
        server.listen()


@pytest.mark.skipif(not _RANGE.exists(), reason="the kernel does not tell its range here")
def test_a_port_is_none_that_an_outgoing_connection_may_be_given() -> None:
    lowest = int(_RANGE.read_text("ascii").split()[0])

    assert all(free_port() < lowest for _ in range(50))


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


def test_ports_do_not_run_out_however_long_a_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred gates want more ports than there are, and none of the latest twice."""
    monkeypatch.setattr(children, "_PORTS", (20_000, 20_040))
    monkeypatch.setattr(children, "_given_out", deque(maxlen=20))

    given = [children.free_port() for _ in range(200)]

    latest = [given[max(0, number - 20) : number] for number in range(200)]
    assert all(port not in before for port, before in zip(given, latest, strict=True))
