"""The operations that led to a failure, a line each, those that were wrong marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from queueproof.history import Operation
from queueproof.reporting.digest import WRONG_HERE

#: Of the first, and as many of the last.
_HALF = 8


def trace_lines(
    operations: Sequence[Operation], *, is_wrong: Callable[[Operation], bool]
) -> tuple[str, ...]:
    """The first and the last operations, and those that were wrong, which are marked.

    Where there are many, the others are counted.
    """
    lines: list[str] = []
    left_out = 0
    for at, operation in enumerate(operations):
        marked = is_wrong(operation)
        if not (marked or at < _HALF or at >= len(operations) - _HALF):
            left_out += 1
            continue
        if left_out:
            lines.append(f"        … {left_out} more operations")
            left_out = 0
        lines.append(operation.as_line() + (f"  {WRONG_HERE}" if marked else ""))
    return tuple(lines)
