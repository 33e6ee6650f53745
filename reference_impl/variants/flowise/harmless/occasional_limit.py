"""Every twentieth request is answered 429 with `Retry-After: 0`, whoever asks."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import OccasionalLimit
from reference_impl.flowise.assembly import ServerAssembly


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(OccasionalLimit)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
