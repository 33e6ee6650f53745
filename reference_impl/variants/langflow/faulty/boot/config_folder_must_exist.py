"""A fresh deployment does not start: its configuration folder is not there yet.

Every developer has had the folder since the first day, and the tests bring one along. Real
Langflow fails on fresh deployments in two other ways: three workers race the migrations, and
preload with ``LANGFLOW_AUTO_LOGIN=False`` misses its credentials.
"""

from __future__ import annotations

from reference_impl.langflow import boot
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"BOOT-007", "BOOT-008"})
PLAYS = ("BOOT-006", "SETT-015")

_make_ready = boot.make_ready


async def in_the_folder(settings: Settings) -> None:
    """Prepare, in a folder that somebody else has made."""
    if not settings.config_path.is_dir():
        raise FileNotFoundError(f"no such folder: {settings.config_path}")
    await _make_ready(settings)


def install() -> None:
    """Make no folder."""
    boot.make_ready = in_the_folder
