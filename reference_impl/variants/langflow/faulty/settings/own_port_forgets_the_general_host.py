"""With a port of its own the queue is at localhost, whatever the general Redis host is.

Host and port fall back together or not at all: where one of them was given, the other is the
client library's default.
"""

from __future__ import annotations

from reference_impl.langflow import settings

FAILS = frozenset({"SETT-005"})
PLAYS = ("SETT-006",)


class Alone(settings.Settings):
    """Looks for the general host where no port was given."""

    @property
    def queue_address(self) -> str:
        """The queue's Redis URL."""
        if self.queue_url is None and self.queue_port and not self.queue_host:
            return f"redis://{settings.DEFAULT_REDIS_HOST}:{self.queue_port}/{self.queue_db}"
        return super().queue_address


def install() -> None:
    """What the settings are made of."""
    settings.SETTINGS_CLASS = Alone
