"""A question is filled in like a prompt: what stands in double braces is a variable, and empty.

Whoever asks how a template is written is answered what he did not ask.
"""

from __future__ import annotations

import re

from reference_impl.flowise import http_predictions
from reference_impl.flowise.execution import Work
from reference_impl.flowise.service import make_work
from reference_impl.flowise.tables import Flow

FAILS = frozenset({"PRED-009"})
PLAYS = ("PRED-001", "PRED-003", "PRED-005")


def _filled_in(flow: Flow, *, question: str, chat_id: str | None) -> Work:
    return make_work(flow, question=re.sub(r"{{.*?}}", "", question), chat_id=chat_id)


def install() -> None:
    """Fill it in."""
    http_predictions.make_work = _filled_in  # type: ignore[attr-defined]  # where it is looked up
