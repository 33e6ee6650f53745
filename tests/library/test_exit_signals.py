"""Signals that come when a command has ended and its interpreter shuts down."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from queueproof.running.signals import SIGNALS

_LATE = """
import atexit, os, sys
from queueproof.cli.main import main

atexit.register(os.kill, os.getpid(), {number})
sys.argv = ["queueproof", {word!r}]
main()
"""


@pytest.mark.parametrize("number", SIGNALS, ids=[number.name for number in SIGNALS])
@pytest.mark.parametrize(("word", "code"), [("--version", 0), ("no-such-command", 2)])
def test_a_late_signal_changes_no_exit_code(number: signal.Signals, word: str, code: int) -> None:
    program = _LATE.format(number=int(number), word=word)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == code, ended.stderr
    assert "KeyboardInterrupt" not in ended.stderr


def test_a_program_that_calls_the_command_goes_on_to_hear_signals() -> None:
    """Programs that it starts afterwards hear them, too: what is ignored is inherited."""
    program = f"""
import subprocess, sys
from queueproof.cli.main import main

sys.argv = ["queueproof", "--version"]
try:
    main()
except SystemExit:
    pass
sleeper = subprocess.Popen(["sleep", "60"])
sleeper.send_signal({int(signal.SIGTERM)})
print("ended by", sleeper.wait(timeout=10))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert f"ended by -{int(signal.SIGTERM)}" in ended.stdout, ended.stderr
