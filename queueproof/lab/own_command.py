"""A command of this program, run in a process of its own that ends with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_STOPPED_WITHIN_S = 90.0


def run_command(command: Sequence[str], within_s: float, log: Path) -> int:
    """Run `queueproof COMMAND`, its output into `log`; its exit code.

    One that takes longer than `within_s` is told to stop, and writes what it has. So is one whose
    parent is told to stop.
    """
    with log.open("ab") as sink:
        sink.write(f"$ queueproof {' '.join(command)}\n".encode())
        sink.flush()
        process = subprocess.Popen(  # noqa: S603  (this very program)
            [sys.executable, "-m", "queueproof", *command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1"},
        )
        with _stopped_in_any_case(process):
            try:
                return process.wait(timeout=within_s)
            except subprocess.TimeoutExpired:
                return _stop(process)


@contextmanager
def _stopped_in_any_case(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(timeout=_STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
