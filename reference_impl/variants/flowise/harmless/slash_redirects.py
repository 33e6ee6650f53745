"""Every path is redirected to the same with a slash at its end, by the same method (307)."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import SlashRedirects
from reference_impl.flowise.assembly import ServerAssembly


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(SlashRedirects)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
