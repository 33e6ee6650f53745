"""Whoever names no chat is put into one called "default", with everybody else who names none.

Seen where the id of a chat got a default value, so that it is never missing.
"""

from __future__ import annotations

from reference_impl.flowise import http_predictions
from reference_impl.flowise.execution import Work
from reference_impl.flowise.service import make_work
from reference_impl.flowise.tables import Flow

FAILS = frozenset({"PRED-002"})
PLAYS = ("PRED-003", "PRED-012")


def _by_default(flow: Flow, *, question: str, chat_id: str | None) -> Work:
    return make_work(flow, question=question, chat_id=chat_id or "default")


def install() -> None:
    """Give it a default."""
    http_predictions.make_work = _by_default  # type: ignore[attr-defined]
