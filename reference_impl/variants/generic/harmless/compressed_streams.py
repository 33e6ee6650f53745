"""Streams are compressed for those who take that, and flushed after every event."""

from __future__ import annotations

from reference_impl.common.compressing import Compressing
from reference_impl.generic.behind import stand_behind

PLAYS = ("STRM-001..003", "STRM-005..007", "STRM-011", "STRM-014")


def install() -> None:
    """Behind it."""
    stand_behind(lambda app: Compressing(app, flushes=True))
