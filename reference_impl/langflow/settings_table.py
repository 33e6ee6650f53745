"""Every setting by its environment name: how it is read, its default, what is allowed.

The LANGFLOW_ names, defaults and fallbacks are those of Langflow 1.10 "Deploy Langflow with
multiple workers", Configuration reference and Prerequisites. The REFERENCE_ ones are our own:

============================== ======= =========================================================
``REFERENCE_POLL_HOLD_S``      10      longest a poll with nothing to tell is held
``REFERENCE_ANSWER_TIMEOUT_S`` 3       longest a request waits for the store; beyond it, 503
``REFERENCE_OWNER_LEASE_S``    5       a worker silent for this long is dead
``REFERENCE_OUTAGE_PATIENCE_S`` 10     how long writers and readers ride out an absent Redis
``REFERENCE_DRAIN_S``          20      how long a stopping worker lets its jobs finish
``REFERENCE_WORKER_HEADER``    not set response header that names the worker
``REFERENCE_ENVIRONMENT``      (below) ``production``, the default, or ``test``: may be a variant
``REFERENCE_VARIANT``          not set variant to be wired in, see ``langflow/variants.py``
============================== ======= =========================================================
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

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


PORT = whole(low=1, high=65535)
TABLE: tuple[Row, ...] = (
    Row("LANGFLOW_HOST", "host", "127.0.0.1", text),
    Row("LANGFLOW_PORT", "port", 7860, PORT),
    Row("LANGFLOW_WORKERS", "workers", 1, whole(low=1)),
    Row("LANGFLOW_WORKER_TIMEOUT", "worker_timeout_s", 300, whole(low=1)),
    Row("LANGFLOW_GUNICORN_PRELOAD", "preload", False, flag),
    Row("LANGFLOW_CONFIG_DIR", "config_dir", "~/.cache/langflow", text),
    Row("LANGFLOW_DATABASE_URL", "database_url", None, database_url),
    Row("LANGFLOW_SUPERUSER", "superuser", None, text),
    Row("LANGFLOW_SUPERUSER_PASSWORD", "superuser_password", None, text),
    Row("LANGFLOW_AUTO_LOGIN", "auto_login", True, flag),
    Row("LANGFLOW_JOB_QUEUE_TYPE", "queue_type", "asyncio", one_of("asyncio", "redis")),
    Row("LANGFLOW_REDIS_QUEUE_URL", "queue_url", None, redis_url),
    Row("LANGFLOW_REDIS_QUEUE_HOST", "queue_host", None, text),
    Row("LANGFLOW_REDIS_QUEUE_PORT", "queue_port", None, PORT),
    Row("LANGFLOW_REDIS_QUEUE_DB", "queue_db", 1, whole(low=0)),
    Row("LANGFLOW_REDIS_QUEUE_TTL", "ttl_s", 3600, whole(low=1)),
    Row("LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S", "startup_grace_s", 30.0, seconds(zero=True)),
    Row("LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED", "cancel_channel_enabled", True, flag),
    Row("LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL", "cancel_marker_ttl_s", 60, whole(low=1)),
    Row(
        "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S",
        "stale_threshold_s",
        90.0,
        seconds(zero=True),
    ),
    Row(
        "LANGFLOW_REDIS_QUEUE_POLLING_WATCHDOG_INTERVAL_S",
        "watchdog_interval_s",
        15.0,
        seconds(zero=False),
    ),
    Row("LANGFLOW_REDIS_URL", "cache_url", None, redis_url),
    Row("LANGFLOW_REDIS_HOST", "cache_host", None, text),
    Row("LANGFLOW_REDIS_PORT", "cache_port", None, PORT),
    Row("LANGFLOW_REDIS_DB", "cache_db", 0, whole(low=0)),
    # Accepted because deployments set them; nothing here depends on them.
    Row("LANGFLOW_CACHE_TYPE", "cache_type", "async", text),
    Row("LANGFLOW_CREATE_STARTER_PROJECTS", "create_starter_projects", False, flag),
    Row("LANGFLOW_LOG_LEVEL", "log_level", "info", text),
    Row("LANGFLOW_EVENT_DELIVERY", "event_delivery", "streaming", text),
    Row("REFERENCE_POLL_HOLD_S", "poll_hold_s", 10.0, seconds(zero=True)),
    Row("REFERENCE_ANSWER_TIMEOUT_S", "answer_timeout_s", 3.0, seconds(zero=False)),
    Row("REFERENCE_OWNER_LEASE_S", "owner_lease_s", 5.0, seconds(zero=False)),
    Row("REFERENCE_OUTAGE_PATIENCE_S", "outage_patience_s", 10.0, seconds(zero=True)),
    Row("REFERENCE_DRAIN_S", "drain_s", 20.0, seconds(zero=True)),
    Row("REFERENCE_WORKER_HEADER", "worker_header", None, header_name),
    Row("REFERENCE_ENVIRONMENT", "environment", "production", one_of("production", "test")),
    Row("REFERENCE_VARIANT", "variant", None, variant_name),
)
