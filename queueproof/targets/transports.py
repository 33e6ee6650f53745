"""How each server is reached: what a target file says of the way in, by the server's address.

Declared when a target is opened, beside its pace (`asking`), and asked by every client that is made
for one of its addresses. What we launch ourselves has nothing in front and is declared so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from queueproof.config.model import TargetConfig
from queueproof.config.transport import Transport
from queueproof.trust import tls_context

_PLAIN = Transport()
_COOKIE = "cookie"

_transports: dict[str, Transport] = {}


def declare_transport(config: TargetConfig) -> None:
    """From now on the target's servers are reached as it says."""
    for url in _urls_of(config):
        _transports[origin_of(url)] = config.transport


def transport_to(url: str) -> Transport:
    """How the server of `url` is reached."""
    return _transports.get(origin_of(url), _PLAIN)


def told_of_transport(config: TargetConfig) -> list[str]:
    """A note on the way in, without anything that lets in; none where there is nothing in front."""
    transport = config.transport
    address = urlsplit(transport.proxy).netloc.rpartition("@")[2]
    parts = [
        f"with the headers {', '.join(transport.headers)}" if transport.headers else "",
        f"through the HTTP proxy {address}" if address else "",
        "with an authority of its own" if transport.ca else "",
    ]
    told = ", ".join(filter(None, parts))
    return [f"the target was reached {told}"] if told else []


def directly(config: TargetConfig) -> TargetConfig:
    """The target without anything in front of it: as we launch it ourselves."""
    return replace(config, transport=_PLAIN)


def client_options(url: str) -> dict[str, Any]:
    """What an httpx client of the server has to be made with; cookies are `cookies_to` it."""
    transport = transport_to(url)
    headers = {n: value for n, value in transport.headers.items() if n.lower() != _COOKIE}
    return {
        "headers": headers,
        "verify": tls_context(transport.authorities),
        "proxy": transport.proxy or None,
        # Variables such as HTTP_PROXY are for what else runs on the machine.
        "trust_env": False,
    }


def cookies_to(url: str) -> str:
    """The cookies that a front wants with every request, as a header's value; empty for none."""
    headers = transport_to(url).headers
    return next((value for name, value in headers.items() if name.lower() == _COOKIE), "")


def _urls_of(config: TargetConfig) -> Iterator[str]:
    yield from config.urls
    yield from config.worker_urls
    if config.chaos is not None:
        yield from (row.url for row in (*config.chaos.replicas, *config.chaos.workers) if row.url)


def origin_of(url: str) -> str:
    """Host and port of a URL, as one that is compared with others."""
    return urlsplit(url).netloc.lower()
