"""Blanks and line breaks at the ends of a question are taken away.

Seen where a form's fields are tidied before they are passed on.
"""

from __future__ import annotations

from reference_impl.flowise import http_predictions
from reference_impl.flowise.execution import Work
from reference_impl.flowise.service import make_work
from reference_impl.flowise.tables import Flow

FAILS = frozenset({"PRED-009"})
PLAYS = ("PRED-003", "PRED-011")


def _changed(flow: Flow, *, question: str, chat_id: str | None) -> Work:
    return make_work(flow, question=question.strip(), chat_id=chat_id)


def install() -> None:
    """Change them."""
    http_predictions.make_work = _changed  # type: ignore[attr-defined]
