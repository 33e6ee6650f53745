"""Host and port are taken from REDIS_URL, and its database index is not.

Everything works, at index 0: beside the other deployment that is there already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from reference_impl.flowise import command
from reference_impl.flowise.settings import Settings, load

FAILS = frozenset({"CONF-001"})
PLAYS = ("CONF-002",)


def _without_an_index(environ: Mapping[str, str]) -> Settings:
    settings = load(environ)
    if settings.redis_url is None:
        return settings
    parts = urlsplit(settings.redis_url)
    return replace(settings, redis_url=urlunsplit(parts._replace(path="", query="")))


def install() -> None:
    """Read settings so."""
    command.load = _without_an_index  # type: ignore[attr-defined]  # where it is looked up
