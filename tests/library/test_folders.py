"""Temporary folders: what a killed run left goes with the next, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from queueproof.stack import folders
from queueproof.targets.marks import process_mark

_KILLED = """
import os, signal, sys
from queueproof.stack.folders import new_folder
folder = new_folder("queueproof-target-", parent=sys.argv[1])
(folder / "secret.log").write_text("left")
print(folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def nothing_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just begun."""
    monkeypatch.setattr(folders, "_swept", set())


def left_by_a_killed_run(place: Path) -> Path:
    """The folder of a process that got SIGKILL."""
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(place)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return Path(done.stdout.strip())


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """With all that is in it; its own new folder stays."""
    left = left_by_a_killed_run(tmp_path)
    assert (left / "secret.log").exists()

    own = folders.new_folder("queueproof-redis-", parent=str(tmp_path))

    assert list(tmp_path.iterdir()) == [own]
    folders.remove(own)


def test_nobody_elses_folder_is_touched(tmp_path: Path) -> None:
    """Of a process that lives, of another machine, without the mark, or no folder at all."""
    left = left_by_a_killed_run(tmp_path)
    here, pid, began = left.name.split("-")[2:5]
    elsewhere = left.name.replace(here, "0123456789")
    names = {
        f"queueproof-target-{process_mark()}-abcdefgh",
        elsewhere,
        "queueproof-target-abcdefgh",
        f"queueproof-target-{here}-{pid}",
        f"somebodys-{here}-{pid}-{began}-abcdefgh",
    }
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / "own").mkdir()
    link, file = f"{left.name[:-2]}zz", f"{left.name[:-2]}yy"
    (tmp_path / link).symlink_to(tmp_path / "own")
    (tmp_path / file).write_text("no folder", "utf-8")

    folders.remove_leftovers(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {*names, "own", link, file}


def test_a_folder_of_another_user_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may remove everything removes their own all the same."""
    left = left_by_a_killed_run(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: left.stat().st_uid + 1)

    folders.remove_leftovers(tmp_path)

    assert left.exists()


def test_a_place_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    """What is not there holds nothing."""
    folders.remove_leftovers(tmp_path / "nowhere")
