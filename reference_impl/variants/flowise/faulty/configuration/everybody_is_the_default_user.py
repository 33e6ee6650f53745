"""REDIS_USERNAME is read and not passed on: the password is tried as the default user's."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise import redis_link
from reference_impl.flowise.settings import Settings

FAILS = frozenset({"CONF-003"})
PLAYS = ("CONF-001", "CONF-002")

_address = redis_link._address  # what a client is made of


def _nameless(settings: Settings) -> dict[str, Any]:
    return {**_address(settings), "username": None}


def install() -> None:
    """Leave the name out."""
    redis_link._address = _nameless
