"""A setting that cannot be read is as good as none: ``parseInt(value) || fallback``."""

from __future__ import annotations

from dataclasses import replace

from reference_impl.common.setting_readers import Refused, Row
from reference_impl.flowise import settings
from reference_impl.flowise.settings_table import TABLE

FAILS = frozenset({"CONF-007", "CONF-008"})
PLAYS = ("PRED-001",)


def _forgiving(row: Row) -> Row:
    def read(value: str) -> object:
        try:
            return row.read(value)
        except Refused:
            return row.default

    return replace(row, read=read)


def install() -> None:
    """Refuse nothing."""
    settings.TABLE = tuple(_forgiving(row) for row in TABLE)  # type: ignore[attr-defined]
