"""Connections are kept alive for ten answers, then closed (`keepalive_requests 10`)."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import ShortLivedConnections
from reference_impl.flowise.assembly import ServerAssembly


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(ShortLivedConnections)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
