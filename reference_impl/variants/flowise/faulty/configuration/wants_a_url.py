"""Without REDIS_URL nothing starts: host and port, from before there were URLs, were forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from reference_impl.flowise import command
from reference_impl.flowise.settings import Settings, SettingsError, load

FAILS = frozenset({"CONF-002", "CONF-003", "CONF-004"})
PLAYS = ("PRED-001",)


def _with_a_url(environ: Mapping[str, str]) -> Settings:
    settings = load(environ)
    if settings.on_queue and settings.redis_url is None:
        raise SettingsError("REDIS_URL is not set; it must be when MODE is queue")
    return settings


def install() -> None:
    """Insist on it."""
    command.load = _with_a_url  # type: ignore[attr-defined]  # where it is looked up
