"""Queue host and port are used although a URL is given.

Options merged in the wrong order: the URL is taken apart first and the single settings are laid
over it. A leftover ``…_HOST`` from last year decides where the jobs are, and drops password and
TLS on the way.
"""

from __future__ import annotations

from reference_impl.langflow import settings
from reference_impl.langflow.settings import DEFAULT_REDIS_PORT, Settings

FAILS = frozenset({"SETT-004"})
PLAYS = ("SETT-005", "SETT-006", "DBIX-005")


class HostFirst(Settings):
    """Looks for a URL last."""

    @property
    def queue_address(self) -> str:
        """The host's, if there is one."""
        if self.queue_host is None:
            return super().queue_address
        port = self.queue_port or self.cache_port or DEFAULT_REDIS_PORT
        return f"redis://{self.queue_host}:{port}/{self.queue_db}"


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = HostFirst
