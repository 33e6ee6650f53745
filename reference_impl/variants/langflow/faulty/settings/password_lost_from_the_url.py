"""The password in the queue's URL is not used.

The URL is taken apart and host, port and index are put together again; what else was in it is
gone. The document names the URL as the only way to a password.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from reference_impl.langflow import settings
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"SETT-007"})
PLAYS = ("SETT-004", "SETT-008")


class Rebuilt(Settings):
    """Puts URLs together again."""

    @property
    def queue_address(self) -> str:
        """Scheme, host, port, index."""
        parts = urlsplit(super().queue_address)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = Rebuilt
