"""Lists of servers in a URL: `one:7000,two:7001,[::1]:7002`."""

from __future__ import annotations

import re

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:,\s]+)(?::(\d{1,5}))?")


def read_hosts(text: str, *, default_port: int) -> tuple[tuple[str, int], ...]:
    """Host and port of each; raises ValueError, in words that hold nothing of the text."""
    return tuple(_place(each, default_port) for each in text.split(","))


def written_hosts(places: tuple[tuple[str, int], ...]) -> str:
    """The same list as a URL has it."""
    return ",".join(f"{f'[{host}]' if ':' in host else host}:{port}" for host, port in places)


def _place(text: str, default_port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found[2] or default_port) if found else 0
    if not found or not 0 < port < 65536:
        raise ValueError("names a server that is no host:port")
    return found[1].strip("[]"), port
