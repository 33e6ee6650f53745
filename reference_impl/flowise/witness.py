"""Asks witnesses over HTTP: the side effects of probe flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

WITHIN_S = 5.0


class Witnesses:
    """One client for the process, made when a flow first needs it."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def fetch(self, url: str) -> None:
        """GET a URL; a witness that is not there changes nothing."""
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=WITHIN_S, trust_env=False)
        try:
            await self._client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL):
            return

    async def close(self) -> None:
        """Drop the connections."""
        if self._client is not None:
            await self._client.aclose()
