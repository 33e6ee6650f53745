"""A chat whose id holds an underscore cannot be aborted: flow and chat are told as one word.

The word is split at its last underscore, which is the chat's own, and success is answered before
anything has stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.flowise.database import Database
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import Prediction
from reference_impl.flowise.worker import Worker

FAILS = frozenset({"PRED-011"})
PLAYS = ("ABRT-001", "ABRT-003", "CANC-016")


def _split(self: Worker, fields: Mapping[str, Any]) -> None:
    flow_id, _, chat_id = str(fields.get("id", "")).rpartition("_")
    self.runs.stop_chat(flow_id, chat_id)


async def _only_told(self: Database, flow_id: str, chat_id: str) -> list[Prediction]:
    return await self.predictions(flow_id=flow_id, chat_id=chat_id)


async def _at_once(self: QueueService, ids: list[str]) -> None:
    return None


def install() -> None:
    """Split there, and write down nowhere that an abort was asked for."""
    Worker._abort = _split  # type: ignore[method-assign]
    Database.ask_abort = _only_told  # type: ignore[method-assign]
    QueueService._until_over = _at_once  # type: ignore[method-assign]
