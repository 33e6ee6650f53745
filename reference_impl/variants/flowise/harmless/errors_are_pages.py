"""Errors are pages in HTML, as gateways have them, and no JSON."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.error_pages import ErrorPages
from reference_impl.flowise.assembly import ServerAssembly


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(ErrorPages)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
