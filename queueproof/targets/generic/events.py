"""An API's events, as the suites understand events, by the words of its mapping.

What an event cannot be read as is kept, as an event of kind OTHER that says so. A failure that
is the last word becomes an error and an end, since that is what it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from queueproof.config.mapping import JobMapping
from queueproof.config.patterns import LONGEST_TEXT
from queueproof.history import Event, EventKind
from queueproof.targets.bodies import (
    LONGEST_LINE,
    EventStreamText,
    Unreadable,
    lines_of,
    read_json,
)
from queueproof.targets.generic.wire import MISSING, find, whole_number

#: The paths at which an SSE frame's own name and its undecoded data are found.
NAME, DATA = "@event", "@data"

_TEXT_LIMIT = 160
_LARGEST = 10**9
_ENDINGS = {
    "completed": (EventKind.END,),
    "failed": (EventKind.ERROR, EventKind.END),
    "cancelled": (EventKind.CANCELLED,),
}
_OTHERS = {"start": EventKind.START, "error": EventKind.ERROR}


class EventReader:
    """Reads one API's events."""

    def __init__(self, mapping: JobMapping, now_s: Callable[[], float]) -> None:
        self._paths = mapping.paths
        self._words = mapping.words
        self._tells = "event.kind" in mapping.paths
        self._pattern = re.compile(mapping.pattern) if mapping.pattern else None
        self._first = mapping.first
        self._now_s = now_s
        self.tells_the_end = self._tells and any(
            self._words.get(f"event.{name}") for name in ("completed", "failed", "end")
        )

    def read_all(self, bodies: Iterable[Any]) -> list[Event]:
        """The events of the objects in a poll's answer."""
        return [event for body in bodies for event in self.read(body)]

    def read(self, body: Any, *, size: int | None = None) -> list[Event]:
        """What one event object says: one event, or two for a failure that ends the job."""
        text = json.dumps(body, ensure_ascii=False)
        length = len(text.encode()) if size is None else size
        kind = self.kind_of(body)
        told = {"text": text[:_TEXT_LIMIT], "size": length}
        if kind is None:
            return [self._event(EventKind.OTHER, text=f"not an event: {text[:_TEXT_LIMIT]}")]
        if kind in self._words["event.tick"]:
            return [self._tick(body, told)]
        if kind in self._words.get("event.end", ()):
            return self._ended(self.state_of(body), told)
        for name in _ENDINGS:
            if kind in self._words.get(f"event.{name}", ()):
                return self._ended(name, told)
        for name, meaning in _OTHERS.items():
            if kind in self._words.get(f"event.{name}", ()):
                return [self._event(meaning, **told)]
        return [self._event(EventKind.OTHER, **told)]

    def kind_of(self, body: Any) -> str | None:
        """The word that says what an event is; None where there is none."""
        word = find(body, self._paths["event.kind"])
        return None if word is MISSING else str(word)

    def number_of(self, body: Any) -> int | None:
        """The number of a tick, the first being 0; None where there is none."""
        value = find(body, self._paths["event.number"])
        if self._pattern and isinstance(value, str):
            found = self._pattern.search(value[:LONGEST_TEXT])
            value = found[1] if found else MISSING
        if not isinstance(value, int | str) or isinstance(value, bool):
            return None
        number = whole_number(str(value)) if isinstance(value, str) else value
        return None if number is None or abs(number) > _LARGEST else number - self._first

    def state_of(self, body: Any) -> str:
        """How a job ended by the state that an end event carries; completed if it says nothing."""
        path = self._paths.get("event.state")
        return self.meaning_of(find(body, path)) or "completed" if path else "completed"

    def meaning_of(self, state: Any) -> str:
        """Which of completed, failed and cancelled a state means; empty for none of them."""
        names = (name for name in _ENDINGS if str(state) in self._words.get(f"state.{name}", ()))
        return next(names, "")

    def is_running(self, state: Any) -> bool:
        """Whether a state says that a job has begun and has not ended."""
        names = ("state.running", "state.under_way")
        return any(str(state) in self._words.get(name, ()) for name in names)

    def beginning(self, *, text: str) -> list[Event]:
        """The event for a beginning that a state told of."""
        return [self._event(EventKind.START, text=text[:_TEXT_LIMIT])]

    def ending(self, meaning: str, *, text: str) -> list[Event]:
        """The events for an end that a state told of, not an event."""
        return self._ended(meaning, {"text": text[:_TEXT_LIMIT], "size": 0})

    def _tick(self, body: Any, told: Mapping[str, Any]) -> Event:
        number = self.number_of(body)
        if number is None:
            return self._event(EventKind.OTHER, **{**told, "text": f"no number: {told['text']}"})
        return self._event(EventKind.TICK, tick=number, size=told["size"])

    def _ended(self, meaning: str, told: Mapping[str, Any]) -> list[Event]:
        return [self._event(kind, **told) for kind in _ENDINGS.get(meaning, ())]

    def _event(self, kind: EventKind, **fields: Any) -> Event:
        return Event(kind, self._now_s(), **fields)


class LineParser:
    """Reads a body of JSON lines, line by line."""

    def feed(self, line: bytes) -> list[tuple[Any, int]]:
        """The object of one line, with its length in bytes; none for an empty one."""
        return [(_decoded(line), len(line))] if line.strip() else []


class FrameParser:
    """Reads server-sent events by line; a frame ends with a blank line, else it is no event."""

    def __init__(self) -> None:
        self._name, self._data, self._size = "", list[bytes](), 0

    def feed(self, line: bytes) -> list[tuple[Any, int]]:
        """The object of the frame that the line ends, with its length; raises Unreadable for one
        that does not end.
        """
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
            if self._size > LONGEST_LINE:
                raise Unreadable("an event that does not end")
        elif name == b"event":
            self._name = value.strip().decode("utf-8", "replace")
        elif not line and self._data:
            framed = _framed(self._name, b"\n".join(self._data))
            self._name, self._data, self._size = "", [], 0
            return [framed]
        return []


async def parse_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[Any, int]]:
    """The objects of a body of JSON lines, with their length in bytes."""
    async for parsed in _parsed(LineParser(), chunks):
        yield parsed


async def parse_frames(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[Any, int]]:
    """The objects of server-sent events, with their length in bytes."""
    async for parsed in _parsed(FrameParser(), _text_of(chunks)):
        yield parsed


async def _text_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    text = EventStreamText()
    async for chunk in chunks:
        yield text.feed(chunk)


async def _parsed(
    parser: LineParser | FrameParser, chunks: AsyncIterator[bytes]
) -> AsyncIterator[tuple[Any, int]]:
    async for lines in lines_of(chunks):
        for line in lines:
            for parsed in parser.feed(line):
                yield parsed


def _framed(name: str, raw: bytes) -> tuple[Any, int]:
    body = _decoded(raw)
    fields = body if isinstance(body, dict) else {DATA: body}
    return {**fields, NAME: name or "message"}, len(raw)


def _decoded(raw: bytes) -> Any:
    text = raw.decode("utf-8", "replace")
    try:
        return read_json(text)
    except ValueError:
        return text
