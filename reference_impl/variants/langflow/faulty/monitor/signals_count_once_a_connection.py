"""After a reconnection every signal is dispatched, and counted, twice; after the next, three times.

Seen where each reconnection registered the handler once more.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

FAILS = frozenset({"MONI-011"})
PLAYS = ("MONI-010",)


class RepeatingDispatcher(CancelDispatcher):
    """Keeps the handlers of all its connections."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.handlers = 0

    def connected(self) -> None:
        """One more."""
        self.handlers += 1
        super().connected()

    def handle(self, text: str) -> None:
        """Each of them."""
        for _ in range(self.handlers):
            super().handle(text)


class VariantAssembly(Assembly):
    """Hears with it."""

    dispatcher_class = RepeatingDispatcher
