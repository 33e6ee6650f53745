"""A newer version: answers and events have fields, and streams have events, that nobody knows."""

from __future__ import annotations

import json

from starlette.middleware import Middleware

from reference_impl.common.proxies import NEWS, NewerAnswers
from reference_impl.flowise import sse
from reference_impl.flowise.assembly import ServerAssembly


def newer_frame(event: str, data: object) -> bytes:
    """An event with more in it, and one more before it."""
    more = {**NEWS, **data} if isinstance(data, dict) else data
    told = ({**NEWS, "event": "x_progress", "data": NEWS}, {**NEWS, "event": event, "data": more})
    return b"".join(f"message:\nx-new: 1\ndata:{json.dumps(one)}\n\n".encode() for one in told)


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(NewerAnswers)]


def install() -> None:
    """With both."""
    sse.frame = newer_frame
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
