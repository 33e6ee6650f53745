"""Host and port as one word, an IPv6 address in the brackets that tell it from the port."""

from __future__ import annotations


def place_of(host: str, port: int) -> str:
    """``127.0.0.1:7860``, ``[::1]:7860``."""
    bare = host.strip("[]")
    return f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"
