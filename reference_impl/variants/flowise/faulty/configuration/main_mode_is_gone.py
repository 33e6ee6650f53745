"""A server runs in queue mode or not at all, whether main mode is asked for or the default."""

from __future__ import annotations

from collections.abc import Mapping

from reference_impl.flowise import command
from reference_impl.flowise.settings import Settings, SettingsError, load

FAILS = frozenset({"QUEU-003", "CONF-012"})
PLAYS = ("PRED-001",)


def _on_queues_alone(environ: Mapping[str, str]) -> Settings:
    settings = load(environ)
    if not settings.on_queue:
        raise SettingsError("MODE must be queue: the server does not run predictions itself")
    return settings


def install() -> None:
    """Refuse main mode."""
    command.load = _on_queues_alone  # type: ignore[attr-defined]  # where it is looked up
