"""Which address of the witness jobs are told: not always the one at which it listens.

It may listen at every address of its machine, or behind a published port; jobs need one that they
reach.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urlsplit

from queueproof.config.checks import place_of
from queueproof.config.model import TargetConfig

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (looked for, not listened at)
_LOOPBACK = "127.0.0.1"
_THROUGH_REDIS = "redis:"


def announced(target: TargetConfig, bound: tuple[str, int]) -> tuple[str, int]:
    """Host and port for the target's jobs, of a witness that listens at `bound`.

    One that listens everywhere is told by the address from which this machine reaches the target.
    """
    host, port = bound
    if target.witness_announce:
        named, at = place_of(target.witness_announce, "witness_announce")
        return named, at or port
    if host not in _EVERYWHERE:
        return bound
    return (_towards(target.urls[0]) if target.urls else _LOOPBACK), port


def through_redis(stream: str) -> tuple[str, int]:
    """What jobs are told that report to a stream in their queue's Redis: a host that is none."""
    return _THROUGH_REDIS + stream, 0


def stream_of(witness: tuple[str, int]) -> str:
    """The stream that jobs report to; empty where they ask an HTTP server."""
    host = witness[0]
    return host.removeprefix(_THROUGH_REDIS) if host.startswith(_THROUGH_REDIS) else ""


def _towards(url: str) -> str:
    """This machine's address on the way to a server; nothing is sent."""
    parts = urlsplit(url)
    place = (parts.hostname or "", parts.port or 80)
    with suppress(OSError):
        for family, kind, _, _, address in socket.getaddrinfo(*place, type=socket.SOCK_DGRAM):
            with socket.socket(family, kind) as probe:
                probe.connect(address)
                return str(probe.getsockname()[0])
    return _LOOPBACK
