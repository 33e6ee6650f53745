"""Dates are told in the zone of the server, with its distance, and without fractions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from reference_impl.flowise import http_flows

PLAYS = ("prediction", "ABRT-004")

_THERE = timezone(timedelta(hours=5, minutes=45))


def _date(moment_s: float) -> str:
    return datetime.fromtimestamp(moment_s, _THERE).isoformat(timespec="seconds")


def install() -> None:
    """Tell them so."""
    http_flows._date = _date
