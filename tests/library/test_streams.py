"""A run outlives whoever reads what it prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from queueproof.running.signals import SIGNALS, unheard

_PROGRAM = """
import sys
from queueproof.cli.streams import guard_streams
from queueproof.redaction import known_secrets
guard_streams()
known_secrets.learn("canary-0123")
for number in range(20000):
    print("line", number, "canary-0123")
print("to stderr canary-0123", file=sys.stderr)
open({path!r}, "w").write("done")
sys.exit(7)
"""


@pytest.mark.parametrize(
    "redirection", ["", ">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full", "| head -1", "2>&1 | head -1"]
)
def test_a_stream_that_takes_no_more_changes_nothing(redirection: str, tmp_path: Path) -> None:
    """The program comes to its own end, and says nothing of the stream."""
    path, program = tmp_path / "done", tmp_path / "program.py"
    program.write_text(_PROGRAM.format(path=str(path)), "utf-8")
    command = f"{sys.executable} {program} {redirection}; exit ${{PIPESTATUS[0]}}"

    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 7
    assert path.read_text("utf-8") == "done"
    assert "canary" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_no_signal_is_heard_while_the_report_is_written() -> None:
    """Handlers are as before afterwards."""
    before = [signal.getsignal(number) for number in SIGNALS]

    with unheard():
        for number in SIGNALS:
            os.kill(os.getpid(), number)

    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_output_that_is_lost_on_a_full_disk_is_no_success() -> None:
    """Somebody waits for it in a file; a reader that went away wants no more."""
    command = f"{sys.executable} -m queueproof --version"

    ended = {
        where: subprocess.run(
            ["bash", "-c", f"{command} {where}"], capture_output=True, text=True, check=False
        )
        for where in (">/dev/full", ">&-")
    }

    assert ended[">&-"].returncode == 0
    assert ended[">/dev/full"].returncode == 2
    assert "standard output is not complete: No space left" in ended[">/dev/full"].stderr
