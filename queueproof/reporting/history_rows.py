"""What a row of `history.jsonl.gz` must look like before anything is made of it.

Written by hand rather than as a schema: a history has a hundred thousand rows. Fields that older
histories lack may be missing; a field of the wrong type is never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from queueproof.json_numbers import is_number, is_whole

#: No run lasts longer, in seconds; beyond it instants overflow as milliseconds.
_LONGEST_S = 1e12

_MOST_TICKS = 10_000_000

Check = Callable[[Any], bool]


def wrong_in(row: Any) -> str | None:
    """What keeps a row from being an operation, by its field; None where nothing does."""
    if not isinstance(row, dict):
        return "a row must be an object"
    for name in ("invoked_s", "kind"):
        if name not in row:
            return f"not a history: {name} is missing"
    for name, (check, wanted) in _FIELDS.items():
        if name in row and not check(row[name]):
            return f"{name} must be {wanted}"
    return None


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _seconds(value: Any) -> bool:
    return is_number(value) and abs(value) <= _LONGEST_S


def _table(value: Any) -> bool:
    return isinstance(value, dict)


def _asked(value: Any) -> bool:
    """What was asked for; of a probe, what a reproduction counts with."""
    return isinstance(value, dict) and all(
        name not in value or check(value[name]) for name, check in _OF_PROBES.items()
    )


def _ticks(value: Any) -> bool:
    return is_whole(value) and 0 <= value <= _MOST_TICKS


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _events(value: Any) -> bool:
    return isinstance(value, list) and all(_event(each) for each in value)


def _event(value: Any) -> bool:
    """Its kind, the tick, when it came, its text; the text may be missing."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and _text(value[0])
        and (is_whole(value[1]) if value[0] == "tick" else value[1] is None or is_whole(value[1]))
        and _seconds(value[2])
        and (len(value) == 3 or _text(value[3]))
    )


_OF_PROBES: dict[str, Check] = {
    "ticks": _ticks,
    "fail_at": _or_none(_ticks),
    "interval_s": _seconds,
    "role": _text,
}
_FIELDS: dict[str, tuple[Check, str]] = {
    "invoked_s": (_seconds, "a number of seconds"),
    "number": (is_whole, "a whole number"),
    "case": (_text, "a text"),
    "kind": (_text, "a text"),
    "job": (_or_none(_text), "a text or null"),
    "worker": (_or_none(_text), "a text or null"),
    "ended_s": (_or_none(_seconds), "a number of seconds or null"),
    "outcome": (_text, "a text"),
    "status": (_or_none(is_whole), "a whole number or null"),
    "detail": (_text, "a text"),
    "events": (_or_none(_events), "a list of [kind, tick or null, seconds, text]"),
    "asked": (_or_none(_asked), "an object with whole ticks and numbers of seconds, or null"),
    "facts": (_or_none(_table), "an object or null"),
}
