"""After an outage the workers answer again and never take another job: a poisoned client.

The most reported failure of all queue libraries: "reconnected", and deaf ever since.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import Reservation, StoreUnavailable
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"LIFE-007"})
PLAYS = ("LIFE-005", "LIFE-006", "LIFE-007", "LIFE-008", "POLL-001", "STRM-001")


class PoisonedStore(RedisStore):
    """Remembers that Redis was away once."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self._was_away = False

    async def reserve(self, reservation: Reservation) -> float:
        """Refuse for good after the first failure."""
        if self._was_away:
            raise StoreUnavailable("the connection was closed")
        try:
            return await super().reserve(reservation)
        except StoreUnavailable:
            self._was_away = True
            raise


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = PoisonedStore
