"""Where REDIS_PORT is set as well, REDIS_URL is not looked at: the more special setting wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reference_impl.flowise import command
from reference_impl.flowise.settings import Settings, load

FAILS = frozenset({"CONF-001"})
PLAYS = ("CONF-002",)


def _ports_first(environ: Mapping[str, str]) -> Settings:
    settings = load(environ)
    return replace(settings, redis_url=None) if "REDIS_PORT" in environ else settings


def install() -> None:
    """Read settings so."""
    command.load = _ports_first  # type: ignore[attr-defined]  # where it is looked up
