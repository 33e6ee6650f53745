"""Clients that take compressed answers, as every browser does, get a stream when it is over.

A middleware compresses what it sees, and nobody told it to flush after each event.
"""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.compressing import Compressing
from reference_impl.flowise.assembly import ServerAssembly

FAILS = frozenset({"STRM-011"})
PLAYS = ("LIVE-001", "LIVE-002", "STRM-005")


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(Compressing, flushes=False)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
