"""One worker more than set is started.

Somebody counted the master, somebody else counted it again. Memory limits that were computed
from the number of workers are exceeded, and the kernel picks one of them.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.common.setting_readers import whole
from reference_impl.langflow import settings

FAILS = frozenset({"SETT-011", "BOOT-007", "BOOT-008"})
PLAYS = ("BOOT-001", "SUBM-002")


def with_the_master(value: str) -> int:
    """The number, and one for the master."""
    return whole(low=1)(value) + 1


def install() -> None:
    """Count once more."""
    settings.TABLE = tuple(
        replace(row, read=with_the_master) if row.field == "workers" else row
        for row in settings.TABLE
    )
