"""Bodies and event streams arrive in chunks cut anywhere: in a field, a word or a character."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import Knife
from reference_impl.flowise.assembly import ServerAssembly


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(Knife)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
