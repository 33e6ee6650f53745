"""Without a host of its own the queue looks for Redis on localhost, whatever the general one is.

The documented fallback to ``LANGFLOW_REDIS_HOST`` was skipped when the queue got settings of its
own, for on every developer's machine both are localhost.
"""

from __future__ import annotations

from reference_impl.langflow import settings
from reference_impl.langflow.settings import DEFAULT_REDIS_HOST, DEFAULT_REDIS_PORT, Settings

FAILS = frozenset({"SETT-005"})
PLAYS = ("SETT-004", "SETT-006", "DBIX-004")


class NoFallback(Settings):
    """Knows its own settings alone."""

    @property
    def queue_address(self) -> str:
        """The queue's own host and port, or the defaults."""
        if self.queue_url is not None:
            return self.queue_url
        host, port = self.queue_host or DEFAULT_REDIS_HOST, self.queue_port or DEFAULT_REDIS_PORT
        return f"redis://{host}:{port}/{self.queue_db}"


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = NoFallback
