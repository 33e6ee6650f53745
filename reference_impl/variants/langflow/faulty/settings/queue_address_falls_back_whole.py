"""Host and port fall back together: who sets the queue's host gets port 6379 with it.

``host, port = queue or general``: a pair where the document has two settings.
"""

from __future__ import annotations

from reference_impl.langflow import settings
from reference_impl.langflow.settings import DEFAULT_REDIS_PORT, Settings

FAILS = frozenset({"SETT-005"})
PLAYS = ("SETT-006",)


class PairedSettings(Settings):
    """Takes both or none."""

    @property
    def queue_address(self) -> str:
        """The queue's Redis URL."""
        if self.queue_url is None and self.queue_host is not None:
            port = self.queue_port or DEFAULT_REDIS_PORT
            return f"redis://{self.queue_host}:{port}/{self.queue_db}"
        return super().queue_address


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = PairedSettings
