"""What a launched program keeps in temporary files is gone with it, also when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from queueproof.config.model import LaunchConfig
from queueproof.stack import launcher as launching
from queueproof.stack.launcher import Launcher

_MAKES_ONE = (
    "import tempfile, time; print(tempfile.mkdtemp(), flush=True); print('ready', flush=True);"
    "time.sleep(60)"
)


async def place_of_one_that_is_killed() -> Path:
    """Where a program has made a temporary folder; it was killed since, and its data removed."""
    config = LaunchConfig(command=(sys.executable, "-c", _MAKES_ONE), ready="ready", boot_s=20.0)
    launcher = Launcher(config, ready_path="/")
    boot = await launcher.boot({})
    assert boot.serving, boot.why_mute
    made = Path(boot.output.splitlines()[0])
    os.kill(boot.child.pid, signal.SIGKILL)
    await boot.child.wait()
    await launcher.stop(boot)
    return made


def test_they_go_with_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", "/tmp")  # the path of pytest's own folder is too long

    made = asyncio.run(place_of_one_that_is_killed())

    assert made.parent.name == "tmp"
    assert made.parents[1].name.startswith("queueproof-target-")
    assert not made.exists()


def test_where_a_path_would_be_too_long_for_a_socket_they_lie_in_the_usual_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "_LONGEST_FOLDER", 10)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    made = asyncio.run(place_of_one_that_is_killed())

    assert made.parent == tmp_path
    assert made.is_dir()
