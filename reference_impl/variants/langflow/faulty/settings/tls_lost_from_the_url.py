"""A ``rediss`` URL is spoken to in plain text.

OptimalBits/bull #2325: the scheme was read for its host and port and never for its last letter,
so the client waits in plain text on a port that speaks TLS.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from reference_impl.langflow import settings
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"SETT-008"})
PLAYS = ("SETT-004", "SETT-007")


class Plain(Settings):
    """Knows one scheme."""

    @property
    def queue_address(self) -> str:
        """The URL, as if it began with ``redis``."""
        parts = urlsplit(super().queue_address)
        return urlunsplit(parts._replace(scheme="redis", query=""))


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = Plain
