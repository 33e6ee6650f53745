"""Temporary folders of a run: for its owner alone, and gone with it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

_PRIVATE = 0o700
_kept: set[Path] = set()


def new_folder(prefix: str, *, parent: str = "", template: str = "") -> Path:
    """A folder that its owner alone may enter, filled from the folder `template` if one is named.

    It goes with `remove`, or with the run, whatever cut it short.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent or None))
    _kept.add(folder)
    if template:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        # Copying has given it the template's permissions; secrets and a database lie in it.
        folder.chmod(_PRIVATE)
    return folder


def remove(folder: Path) -> None:
    """Remove such a folder; one that is gone already is fine."""
    shutil.rmtree(folder, ignore_errors=True)
    _kept.discard(folder)


@atexit.register
def _remove_all() -> None:
    for folder in list(_kept):
        remove(folder)
