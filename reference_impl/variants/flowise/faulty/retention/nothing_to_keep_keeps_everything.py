"""``REMOVE_ON_COUNT=0`` keeps every job, and so does ``REMOVE_ON_AGE=0``: 0 counts as not set.

Seen where a number was asked whether it is true.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.common.setting_readers import whole
from reference_impl.flowise import settings
from reference_impl.flowise.settings_table import TABLE

FAILS = frozenset({"RETN-002"})
PLAYS = ("RETN-003",)
FIELDS = frozenset({"remove_on_age_s", "remove_on_count"})


def _limit(value: str) -> int | None:
    number = whole(low=-1)(value)
    return number if number > 0 else None


def install() -> None:
    """Read them so."""
    settings.TABLE = tuple(  # type: ignore[attr-defined]  # where it is looked up
        replace(row, read=_limit) if row.field in FIELDS else row for row in TABLE
    )
