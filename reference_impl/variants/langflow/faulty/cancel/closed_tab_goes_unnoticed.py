"""A client that drops its stream leaves its build running.

An endpoint behind Starlette's ``BaseHTTPMiddleware``, or behind a buffering proxy, never learned
of the disconnect (Kludex/starlette #297, #2620), so abandoned builds burn tokens to their ends.
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
