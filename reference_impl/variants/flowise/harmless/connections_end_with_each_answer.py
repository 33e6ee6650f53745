"""Every connection is closed with its first answer, which says so."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import ShortLivedConnections
from reference_impl.flowise.assembly import ServerAssembly

PLAYS = ("prediction", "LIVE-001..004", "STRM-005..007", "SUBM-004", "CANC-016")


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(ShortLivedConnections, answers=1)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
