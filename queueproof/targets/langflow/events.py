"""Langflow's newline-delimited JSON events, as the suites understand events.

One JSON object a line, `{"event": name, "data": …}`. A probe's tick is a `log` event named
`tick-N`. A line that is no such object is kept, as an event of kind OTHER that says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from queueproof.history import NO_EVENT, Event, EventKind, checksum_of
from queueproof.targets.bodies import lines_of, read_json
from queueproof.targets.langflow.wire import CANCELLED, END, ERROR, LOG, TICK

_KINDS = {
    "vertices_sorted": EventKind.START,
    ERROR: EventKind.ERROR,
    END: EventKind.END,
    CANCELLED: EventKind.CANCELLED,
}
_TEXT_LIMIT = 160


def parse_lines(lines: Iterable[bytes], now_s: Callable[[], float]) -> list[Event]:
    """The events of complete lines; blank lines separate and mean nothing."""
    return [_parse(line, now_s()) for line in lines if line.strip()]


async def parse_chunks(
    chunks: AsyncIterator[bytes], now_s: Callable[[], float]
) -> AsyncIterator[Event]:
    """The events of a body that arrives in chunks cut anywhere."""
    async for lines in lines_of(chunks):
        for event in parse_lines(lines, now_s):
            yield event


def _parse(line: bytes, at_s: float) -> Event:
    text = line.decode("utf-8", "replace")
    try:
        body = read_json(text)
        name, data = body["event"], body.get("data")
    except (ValueError, KeyError, TypeError, IndexError):
        name = data = None
    if not isinstance(name, str):
        return Event(EventKind.OTHER, at_s, text=f"{NO_EVENT}{text[:_TEXT_LIMIT]}")
    tick = TICK.match(str(data.get("name", ""))) if isinstance(data, dict) else None
    if name == LOG and tick:
        said = _said(data, tick[0])
        checksum = None if said is None else checksum_of(said)
        return Event(
            EventKind.TICK,
            at_s,
            tick=int(tick[1]),
            text="" if said is None else said[:_TEXT_LIMIT],
            size=len(line),
            checksum=checksum,
        )
    return Event(_KINDS.get(name, EventKind.OTHER), at_s, text=text[:_TEXT_LIMIT], size=len(line))


def _said(data: dict[str, Any], name: str) -> str | None:
    """What a tick's message says behind its name; None where it does not begin with that."""
    message = data.get("message")
    if not isinstance(message, str) or not message.startswith(name):
        return None
    return message.removeprefix(name)
