"""Streams are compressed for those who take that, and flushed after every event."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.compressing import Compressing
from reference_impl.flowise.assembly import ServerAssembly

PLAYS = ("live_events", "STRM-005..007", "STRM-011", "SUBM-004")


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(Compressing, flushes=True)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
