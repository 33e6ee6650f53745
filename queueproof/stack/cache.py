"""Where queueproof keeps what outlives a run: programs it built, and notes on unhealed faults."""

from __future__ import annotations

import os
from pathlib import Path

from queueproof.errors import UsageError

VARIABLE = "QUEUEPROOF_CACHE"


def cache_place(name: str) -> Path:
    """Where the folder `name` of the cache is, or would be.

    `QUEUEPROOF_CACHE` says where the cache is; else it is in the user's own cache folder. Raises
    UsageError for a user without one, as in a container that runs as an arbitrary number.
    """
    if given := os.environ.get(VARIABLE):
        return Path(given) / name
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "queueproof" / name
    try:
        return Path.home() / ".cache" / "queueproof" / name
    except RuntimeError:
        raise UsageError(f"this user has no home: set HOME, or {VARIABLE} to a folder") from None


def cache_folder(name: str) -> Path:
    """The same, made when it is missing; raises UsageError where it cannot be."""
    folder = cache_place(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the cache {folder} cannot be written ({error.strerror}): give {VARIABLE} a folder "
            "that can"
        ) from None
    return folder
