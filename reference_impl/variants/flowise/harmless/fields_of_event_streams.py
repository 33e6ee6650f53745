"""Events have numbers and a pause for those who come again, and comments between them.

All that is in the format of event streams; a client that needs none of it passes over it.
"""

from __future__ import annotations

import itertools
import json

from reference_impl.flowise import sse

_numbers = itertools.count(1)


def _framed(event: str, data: object) -> bytes:
    told = json.dumps({"event": event, "data": data})
    return f": a comment\n\nmessage:\nid: {next(_numbers)}\nretry: 3000\ndata: {told}\n\n".encode()


def install() -> None:
    """Frame them so."""
    sse.frame = _framed
