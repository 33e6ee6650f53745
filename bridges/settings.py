"""Settings of a bridge, from the environment; a backend names its own at its top."""

from __future__ import annotations

import os

_PREFIX = "BRIDGE_"


def text(name: str, default: str = "") -> str:
    """The setting `BRIDGE_<name>`; an empty one counts as absent."""
    return os.environ.get(_PREFIX + name, "") or default


def number(name: str, default: float) -> float:
    """A setting that is a number; raises ValueError for one that is not."""
    return float(text(name, str(default)))


def whole(name: str, default: int) -> int:
    """A setting that is a whole number; raises ValueError for one that is not."""
    return int(text(name, str(default)))


def flag(name: str, *, default: bool = False) -> bool:
    """A setting that is `true` or `false`."""
    return text(name, str(default)).lower() == "true"


#: The Redis of the library: the one that outages may touch.
QUEUE_URL = text("QUEUE_URL", "redis://127.0.0.1:6379/0")
#: The Redis of the bridge itself: never the library's.
OWN_URL = text("OWN_URL", "redis://127.0.0.1:6380/0")
