"""A question of more than four thousand characters is cut: a column of a fixed width."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise import http_predictions
from reference_impl.flowise.execution import Work
from reference_impl.flowise.service import make_work

FAILS = frozenset({"PRED-009"})
PLAYS = ("PRED-001", "PRED-003")
_LONGEST = 4_000


def _short(flow: Any, *, question: str, chat_id: str | None) -> Work:
    return make_work(flow, question=question[:_LONGEST], chat_id=chat_id)


def install() -> None:
    """Cut it."""
    http_predictions.make_work = _short  # type: ignore[attr-defined]  # where it is looked up
