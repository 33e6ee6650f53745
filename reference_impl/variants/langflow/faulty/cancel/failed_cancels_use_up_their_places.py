"""Every cancel that Redis does not take uses up one of three places, and never gives it back.

Seen where a semaphore was released behind the call, and not in a ``finally``: after an outage that
three clients met, this worker answers 503 to every cancel until it is started anew.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.store.base import Record, StoreUnavailable

FAILS = frozenset({"CANC-023"})
PLAYS = ("MONI-014", "CANC-018")
PLACES = 3


class LeakingCanceller(Canceller):
    """Has three places."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.places = PLACES

    async def publish(self, record: Record, *, reason: str) -> None:
        """Take a place, and give it back when all went well."""
        if self.places <= 0:
            raise StoreUnavailable("no place is free")
        self.places -= 1
        await super().publish(record, reason=reason)
        self.places += 1


class VariantAssembly(Assembly):
    """Cancels by it."""

    canceller_class = LeakingCanceller
