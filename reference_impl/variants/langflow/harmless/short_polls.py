"""Polls are answered at once, with or without events: nothing is held."""

from __future__ import annotations

SETTINGS = {"REFERENCE_POLL_HOLD_S": "0"}
