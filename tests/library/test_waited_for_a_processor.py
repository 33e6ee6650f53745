"""How long a process waited for a processor, as the kernel tells it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from queueproof.processes.process_view import waited_s

_SPIN = """
import os, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
until = time.monotonic() + 1.0
while time.monotonic() < until:
    pass
print("spun", flush=True)
input()
"""


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the kernel does not tell")
def test_who_shares_a_processor_waits_for_it() -> None:
    spinners = [
        subprocess.Popen(
            [sys.executable, "-c", _SPIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        told = [one.stdout.readline() for one in spinners if one.stdout]
        waited = sum(waited_s(one.pid) for one in spinners)
    finally:
        for one in spinners:
            one.communicate("\n")

    assert told == ["spun\n", "spun\n"]
    # Either had at most the whole second, and both together no more than one at each instant.
    assert waited > 0.5


def test_a_process_that_is_gone_waited_for_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert waited_s(gone.pid) == 0.0
