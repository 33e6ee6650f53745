"""A password in REDIS_URL is used as it is quoted there: p%40ss is not taken for p@ss.

Passwords of letters and digits work, which is what everybody tries first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reference_impl.flowise import command
from reference_impl.flowise.settings import Settings, load

FAILS = frozenset({"CONF-013"})
PLAYS = ("CONF-001..003", "CONF-013")


def _as_written(environ: Mapping[str, str]) -> Settings:
    settings = load(environ)
    scheme, mark, rest = (settings.redis_url or "").partition("://")
    login, at, place = rest.rpartition("@")
    if not (mark and at):
        return settings
    # Quoted once more, since the client library takes one quotation away.
    return replace(settings, redis_url=f"{scheme}://{login.replace('%', '%25')}@{place}")


def install() -> None:
    """Read settings so."""
    command.load = _as_written  # type: ignore[attr-defined]  # where it is looked up
