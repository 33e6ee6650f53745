"""Long results are cut short where they are passed on."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.execution import Execution

FAILS = frozenset({"PRED-005"})
PLAYS = ("PRED-001",)

LIMIT = 65_536
_result = Execution.result


def _cut(self: Execution, output: str) -> dict[str, Any]:
    return _result(self, output[:LIMIT])


def install() -> None:
    """Pass on so much and no more."""
    Execution.result = _cut  # type: ignore[method-assign]
