"""An abort stops every run of the same flow, not only its chat's.

Seen where runs were kept by flow.
"""

from __future__ import annotations

from reference_impl.core.predictions import Reason
from reference_impl.flowise.performer import Runs

FAILS = frozenset({"CANC-016"})
PLAYS = (
    "ABRT-001",
    "CANC-017",
)


def _stop_flow(self: Runs, flow_id: str, chat_id: str) -> None:
    for prediction_id in self.ids:
        self.stop(prediction_id, Reason.USER)


def install() -> None:
    """Stop whatever runs here."""
    Runs.stop_chat = _stop_flow  # type: ignore[method-assign]
