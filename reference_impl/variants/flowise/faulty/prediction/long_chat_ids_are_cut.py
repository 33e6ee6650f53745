"""Of a chat's id the first 255 characters are kept: longer ones that begin alike are one chat.

The column has that length, and the database cuts what does not fit. Ids that are put together of a
tenant, a user and a page come to it.
"""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.database import Database
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"PRED-011"})
PLAYS = ("PRED-001", "PRED-003", "ABRT-004")
KEPT = 255

_add, _predictions = Database.add_prediction, Database.predictions


async def _cut(self: Database, *, chat_id: str, **columns: Any) -> None:
    await _add(self, chat_id=chat_id[:KEPT], **columns)


async def _found(self: Database, **columns: object) -> list[Prediction]:
    if "chat_id" in columns:
        columns["chat_id"] = str(columns["chat_id"])[:KEPT]
    return await _predictions(self, **columns)


def install() -> None:
    """Cut it on its way into the table, and on the way to look for it."""
    Database.add_prediction = _cut  # type: ignore[method-assign]
    Database.predictions = _found  # type: ignore[method-assign]
