"""The queue's database index cannot be set: it is 1, always.

The address is put together from host and port with ``/1`` at its end, from the time before there
was a setting. Two deployments on one Redis, kept apart by their settings, share their jobs.
"""

from __future__ import annotations

from reference_impl.langflow import settings
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"DBIX-005"})
PLAYS = ("DBIX-004", "SETT-004", "SETT-006")


class AlwaysOne(Settings):
    """Knows one index."""

    @property
    def queue_address(self) -> str:
        """Host and port as set, index 1."""
        return self.queue_url or super().queue_address.rpartition("/")[0] + "/1"


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = AlwaysOne
