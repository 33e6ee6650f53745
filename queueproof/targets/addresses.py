"""The URLs of a deployment, in turn; one of several may refuse connections while another serves, or
take them and never answer.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from itertools import count

_AGAIN_S = 2.0
# Each try costs as long as the cheapest request may take.
_SILENT_AGAIN_S = 30.0


class Addresses:
    """Hands out URLs, and remembers which refused a connection, and when."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self.urls = urls
        self._turn = count()
        self._refusing: dict[str, float] = {}
        self._silent: dict[str, float] = {}
        self._refusals: list[tuple[float, str]] = []

    def next(self) -> str:
        """One after another; what refused or was silent lately is left out while another serves."""
        now = time.monotonic()
        usable = [
            url
            for url in self.urls
            if now - self._refusing.get(url, -_AGAIN_S) >= _AGAIN_S
            and now - self._silent.get(url, -_SILENT_AGAIN_S) >= _SILENT_AGAIN_S
        ] or self.urls
        return usable[next(self._turn) % len(usable)]

    def refused(self, url: str) -> None:
        """Note that nobody listened there."""
        now = time.monotonic()
        self._refusing[url] = now
        self._refusals.append((now, url))

    def unanswered(self, url: str) -> None:
        """Note that it took a connection and never answered; told where there are several."""
        if len(self.urls) > 1:
            self._silent[url] = time.monotonic()

    def is_silent(self, url: str) -> bool:
        """Whether it did not answer when it was last asked, though another URL may."""
        return url in self._silent

    @property
    def any_left(self) -> bool:
        """Whether a URL is left that did not refuse when it was last asked."""
        return any(url not in self._refusing for url in self.urls)

    def accepted(self, url: str) -> None:
        """Note that it serves."""
        self._refusing.pop(url, None)
        self._silent.pop(url, None)

    def refusing(self, urls: Collection[str]) -> str:
        """One of `urls` when all of them refuse just now; else empty."""
        refusing = [url for url in urls if url in self._refusing]
        return refusing[0] if refusing and len(refusing) == len(urls) else ""

    @property
    def down(self) -> tuple[str, ...]:
        """The URLs that refuse just now."""
        return tuple(url for url in self.urls if url in self._refusing)

    @property
    def out_of_service(self) -> str:
        """Which URLs refuse or do not answer just now, in words; empty where all serve."""
        words = [f"{', '.join(self.down)} refuses connections"] if self.down else []
        silent = [url for url in self.urls if url in self._silent and url not in self._refusing]
        return " · ".join(
            [*words, *(f"{url} takes connections and does not answer" for url in silent)]
        )

    def refused_since(self, when: float) -> str:
        """A URL that refused after an instant of the monotonic clock; else empty."""
        return next((url for at, url in self._refusals if at >= when), "")
