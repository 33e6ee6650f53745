"""The general Redis host and port win over the queue's own.

A fallback written the wrong way round: ``general or own``. A deployment that moves its queue to
a server of its own goes on using the cache's, and nobody sees a difference until it is flushed.
"""

from __future__ import annotations

from reference_impl.langflow import settings
from reference_impl.langflow.settings import DEFAULT_REDIS_HOST, DEFAULT_REDIS_PORT, Settings

FAILS = frozenset({"SETT-005", "SETT-006"})
PLAYS = ("SETT-004", "SETT-005", "DBIX-005")


class GeneralFirst(Settings):
    """Asks the general settings first."""

    @property
    def queue_address(self) -> str:
        """The URL, the general host and port, the queue's own: in this order."""
        if self.queue_url is not None:
            return self.queue_url
        host = self.cache_host or self.queue_host or DEFAULT_REDIS_HOST
        port = self.cache_port or self.queue_port or DEFAULT_REDIS_PORT
        return f"redis://{host}:{port}/{self.queue_db}"


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = GeneralFirst
