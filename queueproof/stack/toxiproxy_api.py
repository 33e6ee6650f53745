"""Toxiproxy's own API, spoken through `toxiproxy-python`, with what that client lacks on httpx.

The client keeps host and port in the class, so every call sets them under one lock. It sets no
timeouts and runs in a thread here, so the server is first asked over httpx whether it answers at
all. It updates by POST, which the server has deprecated: proxies are switched by PATCH. What it
leaves unsaid (was the toxic really added?) is read back.

Whatever goes wrong with Toxiproxy is our failure, never the target's: a HarnessError.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from queueproof.errors import HarnessError
from queueproof.extras import require

T = TypeVar("T")

# It answers in milliseconds; on a machine whose processors are all taken it may be its turn late.
_ANSWER_S = 15.0
# Removing a toxic flushes what it held, connection by connection; the server waits up to 5 s for
# each that nobody reads any more, and gives up on the whole call after 25.
_REMOVE_S = 30.0
_CLASS_WIDE = threading.Lock()
_METRIC = re.compile(
    r'^toxiproxy_proxy_(?P<what>received|sent)_bytes_total\{direction="(?P<stream>\w+)",'
    r'.*?proxy="(?P<proxy>[^"]*)".*?\} (?P<value>\S+)$',
    re.MULTILINE,
)


@dataclass(frozen=True)
class Toxic:
    """One toxic; `stream` is `upstream` (towards Redis) or `downstream` (towards the worker)."""

    type: str
    stream: str
    attributes: Mapping[str, int]

    @property
    def name(self) -> str:
        """Says that it is ours, so that a later run recognises what this one left."""
        return f"{OUR_PREFIX}{self.type}_{self.stream}"


@dataclass(frozen=True)
class ProxyState:
    """One proxy as the server describes it."""

    name: str
    listen: str
    upstream: str
    enabled: bool
    toxics: tuple[str, ...]


OUR_PREFIX = "queueproof_"


class ToxiproxyApi:
    """One Toxiproxy server's API at `url`.

    Raises UsageError where its client is not installed.
    """

    def __init__(self, url: str) -> None:
        require("chaos", "a fault proxy")
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        self._where = (parts.hostname or "127.0.0.1", parts.port or 8474)
        self._http = httpx.AsyncClient(base_url=self.url, timeout=_ANSWER_S, trust_env=False)

    async def version(self) -> str:
        """What the server calls itself; raises HarnessError when nobody answers."""
        return str((await self._ask("GET", "/version")).json().get("version", "?"))

    async def proxies(self) -> dict[str, ProxyState]:
        """Every proxy by its name."""
        rows = (await self._ask("GET", "/proxies")).json()
        return {name: _state(row) for name, row in rows.items()}

    async def proxy(self, name: str) -> ProxyState:
        """One proxy; raises HarnessError when there is none of this name."""
        found = await self.proxies()
        if name not in found:
            known = ", ".join(sorted(found)) or "none"
            raise HarnessError(f"Toxiproxy at {self.url} has no proxy {name!r}; it has: {known}")
        return found[name]

    async def create(self, name: str, *, upstream: str, listen: str = "127.0.0.1:0") -> ProxyState:
        """Create a proxy; one that exists already is pointed at `upstream` and cleaned."""
        if name in await self.proxies():
            return await self._take_over(name, upstream)
        await self._through_client(
            lambda client: client.create(upstream=upstream, name=name, listen=listen)
        )
        return await self.proxy(name)

    async def delete(self, name: str) -> None:
        """Remove a proxy and its connections; one that is gone already is fine."""
        if name in await self.proxies():
            await self._through_client(lambda client: client.get_proxy(name).destroy())

    async def switch(self, name: str, *, enabled: bool) -> None:
        """Let a proxy listen, or stop it and drop its connections."""
        await self._patch(name, {"enabled": enabled})

    async def point_at(self, name: str, upstream: str) -> None:
        """Give a proxy another server; its connections are dropped."""
        await self._patch(name, {"upstream": upstream, "enabled": True})

    async def add(self, name: str, toxic: Toxic) -> None:
        """Add a toxic, and read back that it is there."""
        await self._through_client(
            lambda client: client.get_proxy(name).add_toxic(
                name=toxic.name,
                type=toxic.type,
                stream=toxic.stream,
                attributes=dict(toxic.attributes),
            )
        )
        if toxic.name not in (await self.proxy(name)).toxics:
            raise HarnessError(f"Toxiproxy did not add {toxic.name} to {name}")

    async def remove(self, name: str, toxic: str) -> None:
        """Remove a toxic; one that is gone already is fine."""
        if toxic in (await self.proxy(name)).toxics:
            await self._through_client(
                lambda client: client.get_proxy(name).destroy_toxic(toxic), within_s=_REMOVE_S
            )
            if toxic in (await self.proxy(name)).toxics:
                raise HarnessError(f"Toxiproxy did not remove {toxic} from {name}")

    async def bytes_by(self, name: str) -> dict[tuple[str, str], int]:
        """Bytes of finished connections, by (`received` or `sent`, stream).

        The server counts a connection when it ends, and only with `-proxy-metrics`: without it
        this is empty.
        """
        text = (await self._ask("GET", "/metrics")).text
        return {
            (row["what"], row["stream"]): int(float(row["value"]))
            for row in _METRIC.finditer(text)
            if row["proxy"] == name
        }

    async def close(self) -> None:
        """Let go of our connection."""
        await self._http.aclose()

    async def _take_over(self, name: str, upstream: str) -> ProxyState:
        for toxic in (await self.proxy(name)).toxics:
            await self.remove(name, toxic)
        await self.point_at(name, upstream)
        return await self.proxy(name)

    async def _patch(self, name: str, change: Mapping[str, Any]) -> None:
        row = (await self._ask("PATCH", f"/proxies/{name}", change)).json()
        wrong = {key for key, value in change.items() if row.get(key) != value}
        if wrong:
            raise HarnessError(f"Toxiproxy did not set {', '.join(sorted(wrong))} of {name}")

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise self._silent(error) from error
        if answer.is_error:
            raise HarnessError(
                f"Toxiproxy at {self.url} answers {answer.status_code} to {method} {path}: "
                f"{answer.text.strip()[:160]}"
            )
        return answer

    async def _through_client(self, call: Callable[[Any], T], *, within_s: float = _ANSWER_S) -> T:
        import requests
        from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

        await self.version()
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.to_thread(self._locked, call)
        except (requests.RequestException, TimeoutError) as error:
            raise self._silent(error) from error
        except (ProxyExists, NotFound, InvalidToxic) as refusal:
            raise HarnessError(f"Toxiproxy at {self.url} refuses: {refusal}") from refusal
        except (KeyError, AttributeError) as oddity:
            # What the client makes of a 5xx, and of a proxy that is not there.
            raise HarnessError(f"Toxiproxy at {self.url} failed at a change") from oddity

    def _locked(self, call: Callable[[Any], T]) -> T:
        from toxiproxy import Toxiproxy
        from toxiproxy.api import APIConsumer

        with _CLASS_WIDE:
            APIConsumer.host, APIConsumer.port = self._where
            return call(Toxiproxy())

    def _silent(self, error: Exception) -> HarnessError:
        return HarnessError(
            f"Toxiproxy at {self.url} does not answer: {str(error) or type(error).__name__}"
        )


def _state(row: Mapping[str, Any]) -> ProxyState:
    return ProxyState(
        name=row["name"],
        listen=row["listen"],
        upstream=row["upstream"],
        enabled=row["enabled"],
        toxics=tuple(toxic["name"] for toxic in row.get("toxics") or ()),
    )
