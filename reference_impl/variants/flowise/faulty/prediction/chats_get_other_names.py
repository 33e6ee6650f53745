"""Characters of a chat's id that a path or key could trip over are replaced, without a word.

The client asks for its messages under the id that it chose, and there are none.
"""

from __future__ import annotations

import re
from typing import Any

from reference_impl.flowise import http_predictions
from reference_impl.flowise.execution import Work
from reference_impl.flowise.service import make_work

FAILS = frozenset({"PRED-011"})
PLAYS = ("PRED-001", "PRED-003")


def _tidied(flow: Any, *, question: str, chat_id: str | None) -> Work:
    tidy = None if chat_id is None else re.sub(r"[^A-Za-z0-9-]", "_", chat_id)
    return make_work(flow, question=question, chat_id=tidy)


def install() -> None:
    """Name chats so."""
    http_predictions.make_work = _tidied  # type: ignore[attr-defined]  # where it is looked up
