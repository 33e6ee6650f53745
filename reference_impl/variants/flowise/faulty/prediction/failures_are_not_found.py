"""A flow that fails is answered with 404: every error of the service is "not found".

A client that looks at the status believes that its flow was deleted.
"""

from __future__ import annotations

from reference_impl.flowise import http_predictions
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"PRED-004"})
PLAYS = ("PRED-001", "PRED-007", "ABRT-003")


def _not_found(row: Prediction) -> int:
    return 404


def install() -> None:
    """One status for all."""
    http_predictions._status = _not_found
