"""Every JSON answer has more fields than today's."""

from __future__ import annotations

from starlette.middleware import Middleware

from reference_impl.common.proxies import NewerAnswers
from reference_impl.flowise.assembly import ServerAssembly

PLAYS = ("prediction", "dashboard", "CONF-011", "SUBM-003")


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(NewerAnswers)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
