"""A connection on which nothing was asked for a second is closed, without being announced."""

from __future__ import annotations

from typing import Any

import uvicorn

PLAYS = ("submitting", "status", "CANC-002", "POLL-002", "STRM-002")
IDLE_S = 1


def install() -> None:
    """Close them soon."""
    made = uvicorn.Config.__init__

    def impatient(self: uvicorn.Config, *args: Any, **options: Any) -> None:
        made(self, *args, **{**options, "timeout_keep_alive": IDLE_S})

    uvicorn.Config.__init__ = impatient  # type: ignore[method-assign]
