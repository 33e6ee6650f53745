"""REDIS_CERT and REDIS_KEY are read and not passed on: Redis is shown no certificate."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise import redis_link
from reference_impl.flowise.settings import Settings

FAILS = frozenset({"CONF-004"})
PLAYS = ("CONF-005",)

_options = redis_link._options


def _nameless(settings: Settings) -> dict[str, Any]:
    own = {"ssl_certfile", "ssl_keyfile"}
    return {name: value for name, value in _options(settings).items() if name not in own}


def install() -> None:
    """Keep them back."""
    redis_link._options = _nameless
