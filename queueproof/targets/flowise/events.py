"""Flowise's server-sent events, as the suites understand events.

A frame's data is one JSON object, `{"event": name, "data": …}`; the line `message:` before it is
a field no client knows, and a comment line is a heartbeat. A probe's tick is the end of a node
labelled `tick-N`. Data that is no such object is kept, as an event of kind OTHER that says so.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from queueproof.history import NO_EVENT, Event, EventKind
from queueproof.targets.bodies import (
    LONGEST_LINE,
    EventStreamText,
    LineSplitter,
    Unreadable,
    read_json,
)
from queueproof.targets.flowise.wire import (
    ABORT,
    END,
    ERROR,
    FAILED,
    FINISHED,
    NODE,
    TERMINATED,
    TICK_LABEL,
    WHOLE_FLOW,
)

BEGUN = "begin "
STREAMED = "token "
_TEXT_LIMIT = 160
_NUMBER = re.compile(r"^[0-9]{1,9}$")
#: Tokens make up the result, which cases compare.
_TOKEN_LIMIT = 4_000
_DATA = b"data:"
_NAMED = {ERROR: EventKind.ERROR, END: EventKind.END, ABORT: EventKind.CANCELLED}
_CANCELLED = "execution was cancelled"
_OF_THE_FLOW = {
    "INPROGRESS": EventKind.START,
    FAILED: EventKind.ERROR,
    TERMINATED: EventKind.CANCELLED,
}


class Frames:
    """The events of a body that arrives in chunks cut anywhere; a frame ends with a blank line.

    What the connection left unfinished at its end is no event.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._text, self._lines = EventStreamText(), LineSplitter()
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that `chunk` completes."""
        for line in self._lines.feed(self._text.feed(chunk)):
            if line.startswith(_DATA):
                self._data.append(line.removeprefix(_DATA).lstrip(b" "))
                self._size += len(line)
                if self._size > LONGEST_LINE:
                    raise Unreadable("an event that does not end")
            elif not line and self._data:
                whole, self._data, self._size = b"\n".join(self._data), [], 0
                yield parse_data(whole, self._now_s())


async def parse_frames(
    chunks: AsyncIterator[bytes], now_s: Callable[[], float]
) -> AsyncIterator[Event]:
    """The events of a body as `Frames` finds them."""
    frames = Frames(now_s)
    async for chunk in chunks:
        for event in frames.feed(chunk):
            yield event


def parse_data(raw: bytes, at_s: float) -> Event:
    """One frame's data as an event."""
    text = raw.decode("utf-8", "replace")
    try:
        body = read_json(text)
        name, data = str(body["event"]), body.get("data")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Event(EventKind.OTHER, at_s, text=f"{NO_EVENT}{text[:_TEXT_LIMIT]}")
    size = len(raw)
    if name == NODE and isinstance(data, dict):
        return _node_event(data, at_s, size)
    if name == "token":
        return Event(EventKind.OTHER, at_s, text=f"{STREAMED}{data}"[:_TOKEN_LIMIT], size=size)
    if name == WHOLE_FLOW:
        kind = _OF_THE_FLOW.get(str(data), EventKind.OTHER)
    else:
        kind = _NAMED.get(name, EventKind.OTHER)
    if kind is EventKind.ERROR and _CANCELLED in str(data):
        # The flow's TERMINATED does not always come before the end; these words always do.
        kind = EventKind.CANCELLED
    return Event(kind, at_s, text=text[:_TEXT_LIMIT], size=size)


def _node_event(data: dict[str, Any], at_s: float, size: int) -> Event:
    label, status = str(data.get("nodeLabel", "")), data.get("status")
    number = label.removeprefix(TICK_LABEL)
    is_tick = label.startswith(TICK_LABEL) and bool(_NUMBER.match(number))
    if is_tick and status == FINISHED:
        return Event(EventKind.TICK, at_s, tick=int(number), size=size)
    if status == "INPROGRESS":
        return Event(EventKind.OTHER, at_s, text=f"{BEGUN}{label}", size=size)
    kind = EventKind.ERROR if status == FAILED else EventKind.OTHER
    return Event(kind, at_s, text=f"{status} {label}"[:_TEXT_LIMIT], size=size)
