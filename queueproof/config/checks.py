"""Checks that every part of a target file shares: URLs, unknown keys, wrong types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from queueproof.errors import UsageError


def check_url(url: str) -> str:
    """The target's base URL without a trailing slash; raises UsageError for a wrong one."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError as error:
        raise UsageError(f"the target's URL is not valid: {error}") from None
    if parts.username or parts.password:
        raise UsageError(
            f"the target's URL carries credentials ({parts.hostname}): leave them out and "
            "export QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD, or QUEUEPROOF_TOKEN"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid:
        raise UsageError(f"{url!r} is no http or https URL: write it like http://127.0.0.1:7860")
    return url.rstrip("/")


def known(given: Mapping[str, Any], keys: Iterable[str], *, where: str) -> None:
    """Raises UsageError for a key that is not among `keys`, with the one that was meant."""
    keys = list(keys)
    for key in given:
        if key not in keys:
            close = get_close_matches(key, keys, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; known: {', '.join(keys)}"
            raise UsageError(f"{where}: unknown key {key!r}{hint}")


def checked(given: Mapping[str, Any], types: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    """What is given, each value of the type that `types` has for its key; else UsageError."""
    known(given, types, where=where)
    for key, value in given.items():
        wanted = types[key]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            name = wanted.__name__ if isinstance(wanted, type) else "number"
            raise UsageError(f"{where}: {key} must be a {name}, not {value!r}")
    return dict(given)
