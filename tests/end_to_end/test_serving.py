"""`queueproof serve` ends with its terminal: SIGHUP is an end, not a reload."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from reference_impl.flowise.quiet_server import on_stop_signals

from .conftest import serves, started_reference


def test_the_langflow_reference_ends_at_sighup(tmp_path: Path) -> None:
    """Master and workers, in order and with exit code 0, as at SIGTERM."""
    with started_reference(tmp_path, by_command=True) as reference:
        master = psutil.Process(reference.process.pid)
        workers = master.children()
        assert workers

        # A terminal tells every process of the group.
        for process in (master, *workers):
            process.send_signal(signal.SIGHUP)

        assert reference.process.wait(timeout=60) == 0
        assert not serves(reference.url)
        assert psutil.wait_procs(workers, timeout=10)[1] == []
    assert "Traceback" not in (tmp_path / "reference.log").read_text("utf-8")


@pytest.mark.parametrize("ignored", [False, True])
def test_the_flowise_reference_ends_at_sighup_unless_it_is_ignored(ignored: bool) -> None:
    """`nohup` has it outlive its terminal."""

    async def stopped_by_sighup() -> bool:
        stopped = asyncio.Event()
        on_stop_signals(stopped)
        os.kill(os.getpid(), signal.SIGHUP)
        for _ in range(20):
            await asyncio.sleep(0.01)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().remove_signal_handler(number)
        return stopped.is_set()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    if ignored:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert asyncio.run(stopped_by_sighup()) is not ignored
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
