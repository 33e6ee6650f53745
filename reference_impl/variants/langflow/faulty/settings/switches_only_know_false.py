"""A switch is off if it says ``false`` or ``False``, and on for everything else that it may say.

``value not in ("false", "False")``: 0, off and FALSE switch things on.
"""

from __future__ import annotations

from dataclasses import replace

from reference_impl.common.setting_readers import flag
from reference_impl.langflow import settings

FAILS = frozenset({"SETT-018"})
PLAYS = ("SETT-020",)


def literal(value: str) -> bool:
    """Whether it does not say false."""
    return value not in ("false", "False")


def install() -> None:
    """Every switch is read so."""
    settings.TABLE = tuple(
        replace(row, read=literal) if row.read is flag else row for row in settings.TABLE
    )
