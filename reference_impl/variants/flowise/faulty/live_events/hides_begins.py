"""Nodes are told of when they end, never when they begin."""

from __future__ import annotations

from reference_impl.flowise.execution import Execution

FAILS = frozenset({"LIVE-002"})
PLAYS = (
    "STRM-005",
    "LIVE-007",
)

_tell_node = Execution._tell_node


async def _ends_only(self: Execution, node: object, status: str, **more: object) -> None:
    if status != "INPROGRESS":
        await _tell_node(self, node, status, **more)  # type: ignore[arg-type]


def install() -> None:
    """Say nothing of begins."""
    Execution._tell_node = _ends_only  # type: ignore[method-assign]
