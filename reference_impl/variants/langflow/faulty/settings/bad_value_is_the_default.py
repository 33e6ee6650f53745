"""A number that is none is replaced by the default, silently.

``try: int(value) except ValueError: default``, which also swallows the check of what is allowed.
The operator's ``an hour`` is in the manifest, the system runs with something else, and both are
sure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_impl.common.setting_readers import Refused, Row
from reference_impl.langflow import settings

FAILS = frozenset({"SETT-001", "SETT-012"})
PLAYS = ("SETT-002", "SETT-010")


def forgiving(row: Row) -> Callable[[str], object]:
    """Read as before; what cannot be read was not meant."""

    def read(value: str) -> object:
        try:
            return row.read(value)
        except Refused:
            return row.default

    return read


def install() -> None:
    """Let no number stop a start."""
    settings.TABLE = tuple(
        replace(row, read=forgiving(row)) if isinstance(row.default, int | float) else row
        for row in settings.TABLE
    )
