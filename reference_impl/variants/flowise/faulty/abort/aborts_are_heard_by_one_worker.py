"""One of the workers reads the aborts, for all of them: what the others run goes on.

Seen where events of the queue were read by an exclusive consumer. The server waits for the end of
what it was asked to abort, and answers that it was not confirmed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reference_impl.core.predictions import Reason
from reference_impl.flowise.performer import Runs
from reference_impl.flowise.worker import Worker

FAILS = frozenset({"ABRT-001"})
PLAYS = ("ABRT-003",)
LIFE_S = 3600

_tasks: set[asyncio.Task[None]] = set()
_stop = Runs.stop


def _hear(self: Worker, fields: Mapping[str, Any]) -> None:
    task = asyncio.create_task(_if_reader(self, str(fields.get("id", ""))))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _if_reader(self: Worker, chat: str) -> None:
    key, me = f"{self.queue.keys.secret}:reader", self.runner.worker_id
    await self.client.set(key, me, nx=True, ex=LIFE_S)
    if await self.client.get(key) == me:
        flow_id, _, chat_id = chat.partition("_")
        self.runs.stop_chat(flow_id, chat_id)


def _but_by_users(self: Runs, prediction_id: str, reason: Reason) -> bool:
    return reason is not Reason.USER and _stop(self, prediction_id, reason)


def install() -> None:
    """Leave it to one of them."""
    Worker._abort = _hear  # type: ignore[method-assign]
    Runs.stop = _but_by_users  # type: ignore[method-assign]
