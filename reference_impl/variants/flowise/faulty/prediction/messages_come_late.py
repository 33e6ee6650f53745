"""A chat's messages are read from a replica of the database, which is some seconds behind."""

from __future__ import annotations

import time
from typing import Any

from reference_impl.flowise import http_flows
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"PRED-003", "PRED-009", "PRED-011"})
PLAYS = ("PRED-001", "PRED-002")

BEHIND_S = 10.0
_messages = http_flows._messages


def _as_it_was(row: Prediction) -> list[dict[str, Any]]:
    told = _messages(row)
    is_fresh = row.finished_s is not None and time.time() - row.finished_s < BEHIND_S
    return told[:1] if is_fresh else told


def install() -> None:
    """Be behind."""
    http_flows._messages = _as_it_was
