"""Event streams whose lines end as on Windows, and whose data is cut into several lines.

Both are legal in server-sent events; who splits a stream at two line feeds never sees an event.
"""

from __future__ import annotations

import json

from reference_impl.flowise import sse


def frame(event: str, data: object) -> bytes:
    """One event, its data over several lines."""
    lines = json.dumps({"event": event, "data": data}, indent=1).splitlines()
    return "".join(["message:\r\n", *(f"data: {line}\r\n" for line in lines), "\r\n"]).encode()


def install() -> None:
    """Speak so."""
    sse.frame = frame
