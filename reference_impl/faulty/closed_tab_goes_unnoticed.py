"""A client that drops its stream leaves its build running.

Servers behind ``BaseHTTPMiddleware`` or a buffering proxy never learned of the disconnect
(encode/starlette had it open for years), so abandoned builds burn tokens until they finish.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-010", "CANC-011"})
PLAYS = ("CANC-002", "CANC-003")


class Oblivious(Canceller):
    """Cancels on request only."""

    def client_left(self, record: Record) -> None:
        """Nobody asked for anything."""


class VariantAssembly(Assembly):
    """Ignores dropped streams."""

    canceller_class = Oblivious
