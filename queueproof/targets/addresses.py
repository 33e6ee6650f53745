"""The URLs of a deployment, in turn; one of several may refuse connections while another serves."""

from __future__ import annotations

import time
from collections.abc import Collection
from itertools import count

_AGAIN_S = 2.0


class Addresses:
    """Hands out URLs, and remembers which refused a connection, and when."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self.urls = urls
        self._turn = count()
        self._refusing: dict[str, float] = {}
        self._refusals: list[tuple[float, str]] = []

    def next(self) -> str:
        """One after another; what refused lately is left out while another serves."""
        soon = time.monotonic() - _AGAIN_S
        usable = [url for url in self.urls if self._refusing.get(url, 0.0) < soon] or self.urls
        return usable[next(self._turn) % len(usable)]

    def refused(self, url: str) -> None:
        """Note that nobody listened there."""
        now = time.monotonic()
        self._refusing[url] = now
        self._refusals.append((now, url))

    @property
    def any_left(self) -> bool:
        """Whether a URL is left that did not refuse when it was last asked."""
        return any(url not in self._refusing for url in self.urls)

    def accepted(self, url: str) -> None:
        """Note that it serves."""
        self._refusing.pop(url, None)

    def refusing(self, urls: Collection[str]) -> str:
        """One of `urls` when all of them refuse just now; else empty."""
        refusing = [url for url in urls if url in self._refusing]
        return refusing[0] if refusing and len(refusing) == len(urls) else ""

    @property
    def down(self) -> tuple[str, ...]:
        """The URLs that refuse just now."""
        return tuple(url for url in self.urls if url in self._refusing)

    def refused_since(self, when: float) -> str:
        """A URL that refused after an instant of the monotonic clock; else empty."""
        return next((url for at, url in self._refusals if at >= when), "")
