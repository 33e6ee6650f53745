"""Numbers among the values of a JSON document: to Python a boolean is one, here it is not."""

from __future__ import annotations

from typing import TypeGuard


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number, whole or not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number: 3, and not 3.0."""
    return isinstance(value, int) and not isinstance(value, bool)


def as_whole(value: object) -> int | None:
    """The whole number that it is, however it is written: 3 for 3 and for 3.0; else None."""
    if is_whole(value):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None
