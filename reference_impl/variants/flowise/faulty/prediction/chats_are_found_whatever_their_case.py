"""Two chats whose ids differ in the case of a letter are one: each is shown the other's messages.

The collation of the column makes no difference between them, as that of MySQL by its defaults.
"""

from __future__ import annotations

from reference_impl.flowise.database import Database
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"PRED-011"})
PLAYS = ("PRED-003", "PRED-009")

_predictions = Database.predictions


async def _of_any_case(self: Database, **columns: object) -> list[Prediction]:
    chat_id = columns.pop("chat_id", None)
    rows = await _predictions(self, **columns)
    return [row for row in rows if chat_id is None or _folded(row.chat_id) == _folded(chat_id)]


def _folded(chat_id: object) -> str:
    return str(chat_id).casefold()


def install() -> None:
    """Look for them so."""
    Database.predictions = _of_any_case  # type: ignore[method-assign]
