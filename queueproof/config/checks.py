"""What a URL in a file, an option or a variable must look like."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from queueproof.config.kinds import FIELD_NAME, shown
from queueproof.errors import UsageError

_LONGEST_NAME = 200
_BLANK = re.compile(r"[\x00-\x20\x7f]")


def place_of(text: str, where: str) -> tuple[str, int]:
    """Host and port of a text such as `10.0.0.5`, `gate:9000` or `[::1]:9000`; port 0 for none.

    Raises UsageError.
    """
    # An IPv6 address without brackets has more colons than one, and no port.
    bare = f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text
    try:
        parts = urlsplit(f"//{bare}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or _BLANK.search(text) or set("/@?#") & set(text):
        raise UsageError(f"{where}: {shown(text)}: write it like 10.0.0.5, gate:9000 or [::1]:9000")
    return host, port or 0


def check_place(text: str, where: str) -> str:
    """A host with or without a port, as `place_of` reads it; raises UsageError."""
    place_of(text, where)
    return text


def check_header(name: str, where: str) -> str:
    """The name of a header, or nothing; raises UsageError for what no answer can have."""
    if name and not (FIELD_NAME.fullmatch(name) and len(name) <= _LONGEST_NAME):
        raise UsageError(f"{where}: {shown(name)} is no header's name: write it like X-Worker")
    return name


def check_url(url: str, where: str = "the target's URL") -> str:
    """The target's base URL without a trailing slash; raises UsageError for a wrong one."""
    if "@" in url:
        # Whatever a parser makes of it: a password may hold what ends a host.
        raise UsageError(
            f"{where} carries credentials (an @ is in it): leave them out and "
            "export QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD, or QUEUEPROOF_TOKEN"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
        (host or "").encode("idna" if not (host or "").isascii() else "ascii")
    except ValueError as error:
        raise UsageError(f"{where} is not valid: {error}") from None
    if parts.query or parts.fragment:
        raise UsageError(f"{where} is no base URL: leave out what begins with ? or #")
    odd = _BLANK.search(url) or not url.isprintable()
    if parts.scheme not in ("http", "https") or not host or port == 0 or odd:
        raise UsageError(
            f"{where}: {shown(url)} is no http or https URL: write it like http://127.0.0.1:7860"
        )
    _expect_askable(url, where)
    return url.rstrip("/")


def _expect_askable(url: str, where: str) -> None:
    """Raise UsageError for what the HTTP client takes for no URL: it knows more of hosts."""
    from httpx import URL, InvalidURL

    try:
        _ = URL(url).host
    except (InvalidURL, ValueError) as error:
        raise UsageError(f"{where} is not valid: {error}") from None
