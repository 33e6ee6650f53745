"""A deployment behind a slow proxy: every request reaches it 300 ms late."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import SlowProxy
from reference_impl.flowise.assembly import ServerAssembly


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(SlowProxy)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
