"""How the text of a setting is read, and how a wrong one is refused: in one clear line."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from reference_impl.common.redis_pools import watched

TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS = frozenset({"false", "0", "no", "off"})


class SettingsError(Exception):
    """One clear line: which variable, what was wrong with it, what is allowed."""


class Refused(ValueError):
    """What is allowed, said to whoever set the value."""


@dataclass(frozen=True)
class Row:
    """One setting: its name, the field it fills, its default, and how its text is read."""

    name: str
    field: str
    default: object
    read: Callable[[str], object]


def text(value: str) -> str:
    """Any text."""
    return value


def address(value: str) -> str:
    """A name or an address; an IPv6 address may stand in the brackets that it has in a URL."""
    return value[1:-1] if value.startswith("[") and value.endswith("]") else value


def flag(value: str) -> bool:
    """true or false."""
    word = value.lower()
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise Refused("must be true or false")


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words, in any case."""

    def read(value: str) -> str:
        if value.lower() not in words:
            raise Refused(f"must be one of {', '.join(words)}")
        return value.lower()

    return read


def whole(*, low: int, high: int | None = None) -> Callable[[str], int]:
    """A whole number within bounds."""
    allowed = f"must be a whole number, {low} or more" + ("" if high is None else f", up to {high}")

    def read(value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]+", value):
            raise Refused(allowed)
        number = int(value)
        if number < low or (high is not None and number > high):
            raise Refused(allowed)
        return number

    return read


def seconds(*, zero: bool) -> Callable[[str], float]:
    """A finite number of seconds; ``zero`` says whether 0 is one."""
    allowed = "must be a number of seconds, " + ("0 or more" if zero else "more than 0")

    def read(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            raise Refused(allowed) from None
        if not math.isfinite(number) or number < 0 or (number == 0 and not zero):
            raise Refused(allowed)
        return number

    return read


def redis_url(value: str) -> str:
    """redis://, rediss:// or unix://, with a database index (or none) as its path."""
    allowed = "must be a redis://, rediss:// or unix:// URL such as redis://host:6379/1"
    try:
        parts = urlsplit(value)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        raise Refused(allowed) from None
    path_ok = parts.scheme == "unix" or re.fullmatch(r"/?|/[0-9]+", parts.path) is not None
    host_ok = parts.scheme == "unix" or bool(parts.hostname)
    if parts.scheme in {"redis", "rediss", "unix"} and port_ok and path_ok and host_ok:
        return value
    raise Refused(allowed)


def redis_or_sentinel_url(value: str) -> str:
    """The same, or redis+sentinel://host:port,host:port/service with an index behind it."""
    return value if watched(value) else redis_url(value)


def database_url(value: str) -> str:
    """sqlite:///… or postgresql://…"""
    scheme = value.partition("://")[0].partition("+")[0]
    if "://" in value and scheme in {"sqlite", "postgresql", "postgres"}:
        return value
    raise Refused("must be a sqlite:/// or postgresql:// URL")


def header_name(value: str) -> str:
    """A name an HTTP header may have."""
    if re.fullmatch(r"[A-Za-z0-9-]+", value):
        return value
    raise Refused("must be a header name: letters, digits and hyphens")


def variant_name(value: str) -> str:
    """The name of a module."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", value):
        return value
    raise Refused("must be the name of a variant's module")


def redacted(url: str) -> str:
    """The text without the credentials a URL may carry."""
    if "@" not in url:
        return url
    scheme, mark, rest = url.partition("://")
    if not mark:
        return "***@" + url.rpartition("@")[2]
    return f"{scheme}://***@{rest.rpartition('@')[2]}"


PORT = whole(low=1, high=65535)
