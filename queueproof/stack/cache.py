"""Where queueproof keeps what outlives a run: programs it built, and notes on unhealed faults."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "QUEUEPROOF_CACHE"


def cache_folder(name: str) -> Path:
    """The folder `name` in the cache, made when it is missing.

    `QUEUEPROOF_CACHE` says where the cache is; else it is in the user's own cache folder.
    """
    given = os.environ.get(VARIABLE)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = (Path(given) if given else Path(base) / "queueproof") / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
