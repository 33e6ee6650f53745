"""The event of an error is put together from strings: a quote or a line break in its text ends it.

Everything else goes through an encoder. Errors were added on a Friday, and ``division by zero`` has
neither quotes nor line breaks.
"""

from __future__ import annotations

from collections.abc import Mapping

from reference_impl.core.events import Event, make_event
from reference_impl.langflow import jobs

FAILS = frozenset({"STRM-006"})
PLAYS = ("POLL-008", "STRM-001..017")


def _made(name: str, data: Mapping[str, object]) -> Event:
    """Write an event down."""
    if name != "error":
        return make_event(name, data)
    text = data.get("text", data["error"])
    return Event(name, f'{{"event": "error", "data": {{"error": "{text}", "text": "{text}"}}}}')


def install() -> None:
    """Jobs tell of themselves through it."""
    jobs.make_event = _made  # type: ignore[attr-defined]  # where it is looked up
