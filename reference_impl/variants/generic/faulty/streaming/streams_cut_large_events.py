"""The padding of a large event is cut in streams.

Seen where a line has a greatest length.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-012"})
PLAYS = ("STRM-002", "STRM-013")
_LONGEST = 65_536


def install() -> None:
    """Cut it, and keep the line whole."""
    lines_of = Front.lines_of

    async def cut(self: Front, job_id: str) -> AsyncIterator[bytes]:
        async for line in lines_of(self, job_id):
            event = json.loads(line)
            padding = event.get("padding", "")[:_LONGEST]
            yield json.dumps({**event, "padding": padding}).encode() + b"\n"

    Front.lines_of = cut  # type: ignore[method-assign]
