"""What the small package leaves to extras, and the one line that says how to get it.

`pip install queueproof` judges and watches what is at a URL, and works with reports. The reference
system, outages, generated schedules and load have libraries of their own.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from queueproof.errors import UsageError

if TYPE_CHECKING:
    from queueproof.config.model import LaunchConfig

#: Modules by the extra that brings them: not all of it, but one of each library that is asked for.
EXTRAS = {
    "reference": (
        *("aiosqlite", "gunicorn", "python_multipart", "sqlalchemy"),
        *("starlette", "uvicorn", "uvicorn_worker"),
    ),
    "chaos": ("requests", "toxiproxy", "trustme"),
    "explore": ("hypothesis",),
    "load": ("hdrh", "locust"),
    "containers": ("testcontainers",),
}
_REFERENCE = "reference_impl"


def missing(extra: str) -> list[str]:
    """The modules of an extra that are not installed."""
    return [name for name in EXTRAS[extra] if importlib.util.find_spec(name) is None]


def how_to_get(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'queueproof[{extra}]'"


def require(extra: str, what: str) -> None:
    """Raises UsageError where an extra is not installed; `what` needs it, in a few words."""
    if absent := missing(extra):
        raise UsageError(f"{what} needs: {how_to_get(extra)} (missing: {', '.join(absent)})")


def require_for_launch(launch: LaunchConfig | None) -> None:
    """Raises UsageError where what is launched is our reference, and that is not installed."""
    if launch is not None and _REFERENCE in launch.command:
        require("reference", "the embedded reference system")
