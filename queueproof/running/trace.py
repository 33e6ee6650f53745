"""The operations that led to a failure, a line each, those that were wrong marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from queueproof.history import Operation
from queueproof.reporting.digest import WRONG_HERE

_LINES = 16


def trace_lines(
    operations: Sequence[Operation], *, is_wrong: Callable[[Operation], bool]
) -> tuple[str, ...]:
    """The first and the last operations, and those that were wrong, which are marked.

    Where there are many, the others are counted.
    """
    half = _LINES // 2
    whole = len(operations) <= _LINES
    lines: list[str] = []
    left_out = 0
    for at, operation in enumerate(operations):
        marked = is_wrong(operation)
        if not (whole or marked or at < half or at >= len(operations) - half):
            left_out += 1
            continue
        if left_out:
            lines.append(f"        … {left_out} more operations")
            left_out = 0
        lines.append(operation.as_line() + (f"  {WRONG_HERE}" if marked else ""))
    return tuple(lines)
