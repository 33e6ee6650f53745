"""The queue's URL is taken apart with string functions: quotes in the password stay as they are.

Half of all generated passwords hold a character that has to be quoted in a URL.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from reference_impl.langflow import settings
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"SETT-017"})
PLAYS = ("SETT-007",)


class HandmadeSettings(Settings):
    """Reads URLs itself."""

    @property
    def queue_address(self) -> str:
        """The queue's Redis URL, its password taken literally."""
        url = super().queue_address
        password = urlsplit(url).password
        return url.replace(password, quote(password, safe="")) if password else url


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = HandmadeSettings
