"""Of the queue's database index the first digit is read: 12 is 1, the index of somebody else.

The URL is put together and taken apart by hand, ``url[-1]`` in one version and ``index[0]`` in the
next. Servers have sixteen databases.
"""

from __future__ import annotations

from reference_impl.langflow import settings
from reference_impl.langflow.settings import DEFAULT_REDIS_HOST, DEFAULT_REDIS_PORT, Settings

FAILS = frozenset({"DBIX-005"})
PLAYS = ("DBIX-004", "SETT-005", "SETT-006")


class OneDigit(Settings):
    """Reads one character."""

    @property
    def queue_address(self) -> str:
        """The queue's Redis URL."""
        if self.queue_url is not None:
            return self.queue_url
        host = self.queue_host or self.cache_host or DEFAULT_REDIS_HOST
        port = self.queue_port or self.cache_port or DEFAULT_REDIS_PORT
        return f"redis://{host}:{port}/{str(self.queue_db)[0]}"


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = OneDigit
