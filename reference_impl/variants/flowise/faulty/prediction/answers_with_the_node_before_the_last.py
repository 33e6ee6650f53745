"""The answer's text is that of the node before the last: an index is off by one."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from reference_impl.flowise import http_predictions
from reference_impl.flowise.tables import Prediction

FAILS = frozenset(
    {
        "PRED-001",
        "PRED-002",
        "PRED-003",
        "PRED-006",
        "PRED-009",
        "PRED-012",
        "DASH-001",
        "QUEU-003",
        "QUEU-006",
    }
)
PLAYS = ("PRED-004", "PRED-005", "PRED-008", "PRED-011", "RETN-006")

_answer = http_predictions._answer


def _off_by_one(row: Prediction) -> Response:
    if row.result is None or len(row.result["agentFlowExecutedData"]) < 3:
        return _answer(row)
    before = row.result["agentFlowExecutedData"][-2]
    return JSONResponse({**row.result, "text": before["data"]["output"]["content"]})


def install() -> None:
    """Take the wrong one."""
    http_predictions._answer = _off_by_one
