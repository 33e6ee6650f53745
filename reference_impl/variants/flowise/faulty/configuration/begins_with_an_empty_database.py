"""The server begins with an empty database: ``dropSchema``, left on from development."""

from __future__ import annotations

from reference_impl.flowise import server_program
from reference_impl.flowise.secret_key import SecretKey
from reference_impl.flowise.settings import Settings

FAILS = frozenset({"CONF-009"})
PLAYS = ("CONF-010",)

_serve = server_program._serve


async def _afresh(settings: Settings, secret: SecretKey) -> None:
    (settings.database_folder / "database.sqlite").unlink(missing_ok=True)
    await _serve(settings, secret)


def install() -> None:
    """Drop what is there."""
    server_program._serve = _afresh
