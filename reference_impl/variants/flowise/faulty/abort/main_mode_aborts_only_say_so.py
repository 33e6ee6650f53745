"""In main mode an abort is answered with success, and nothing is stopped.

Seen where aborts had been moved to the workers, and a server without any was forgotten.
"""

from __future__ import annotations

from reference_impl.flowise.local_service import LocalService
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"ABRT-007"})
PLAYS = ("QUEU-003", "ABRT-003")


async def _only_ask(self: LocalService, flow_id: str, chat_id: str) -> list[Prediction]:
    return await self.database.predictions(flow_id=flow_id, chat_id=chat_id)


def install() -> None:
    """Look, and stop nothing."""
    LocalService.abort = _only_ask  # type: ignore[method-assign]
