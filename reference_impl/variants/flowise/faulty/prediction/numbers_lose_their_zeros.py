"""A question that looks like a number is taken for one: of 007.50 is left 7.5.

Seen where inputs are read by whatever decoder fits.
"""

from __future__ import annotations

from reference_impl.flowise import http_predictions
from reference_impl.flowise.execution import Work
from reference_impl.flowise.service import make_work
from reference_impl.flowise.tables import Flow

FAILS = frozenset({"PRED-009"})
PLAYS = ("PRED-003", "PRED-011")


def _as_number(question: str) -> str:
    try:
        number = float(question)
    except ValueError:
        return question
    return f"{number:g}"


def _changed(flow: Flow, *, question: str, chat_id: str | None) -> Work:
    return make_work(flow, question=_as_number(question), chat_id=chat_id)


def install() -> None:
    """Change them."""
    http_predictions.make_work = _changed  # type: ignore[attr-defined]
