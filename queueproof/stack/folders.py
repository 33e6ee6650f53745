"""Temporary folders of a run: for its owner alone, and gone with it.

A run that is killed outright leaves its folders. Their names tell which process of which machine
made them, so that the next run here removes them; a folder without such a mark, of a process that
lives, of another machine or of another user is never touched.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

from queueproof.targets.marks import is_of_gone_process, process_mark

_PRIVATE = 0o700
_NAME = re.compile(r"queueproof-[a-z]+-([0-9a-f]{10}-\d+-[0-9a-f]+)-[^.]+")
_kept: set[Path] = set()
_swept: set[Path] = set()


def new_folder(prefix: str, *, parent: str = "", template: str = "") -> Path:
    """A folder that its owner alone may enter, filled from the folder `template` if one is named.

    It goes with `remove`, or with the run, whatever cut it short.
    """
    place = Path(parent or tempfile.gettempdir())
    if place not in _swept:
        _swept.add(place)
        remove_leftovers(place)
    folder = Path(tempfile.mkdtemp(prefix=marked(prefix), dir=place))
    _kept.add(folder)
    if template:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        # Copying has given it the template's permissions; secrets and a database lie in it.
        folder.chmod(_PRIVATE)
    return folder


def marked(prefix: str) -> str:
    """How the name of a folder of this run begins; `prefix` is like `queueproof-redis-`."""
    return f"{prefix}{process_mark()}-"


def remove(folder: Path) -> None:
    """Remove such a folder; one that is gone already is fine."""
    shutil.rmtree(folder, ignore_errors=True)
    _kept.discard(folder)


def remove_leftovers(place: Path) -> None:
    """Remove the folders in `place` that runs of this user and machine have left, and are gone."""
    try:
        found = [entry for entry in os.scandir(place) if _is_left(entry)]
    except OSError:
        return
    for entry in found:
        shutil.rmtree(entry.path, ignore_errors=True)


def _is_left(entry: os.DirEntry[str]) -> bool:
    name = _NAME.fullmatch(entry.name)
    if name is None or not is_of_gone_process(name[1]):
        return False
    try:
        about = entry.stat(follow_symlinks=False)
        return entry.is_dir(follow_symlinks=False) and about.st_uid == os.getuid()
    except OSError:
        return False


@atexit.register
def _remove_all() -> None:
    for folder in list(_kept):
        remove(folder)
