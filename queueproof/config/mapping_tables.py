"""The tables of a [mapping]: the entries of each, their kinds, and what braces may stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from queueproof.config.kinds import (
    Anything,
    Checked,
    Flag,
    Headers,
    Kind,
    ListOf,
    Scalar,
    Table,
    TableOf,
    Text,
    Whole,
)
from queueproof.config.patterns import check_pattern

FORMATS = ("lines", "sse")
#: What the body of a submit may say of its probe.
PROBE_NAMES = frozenset(
    (
        *("ticks", "interval_s", "interval_ms", "payload_bytes", "slow_start_s", "slow_start_ms"),
        *("quiet_after", "quiet_s", "quiet_ms", "fail_at", "block_at", "block_s", "block_ms"),
        *("fail_times", "retries", "delay_s", "delay_ms", "priority", "unique", "answer"),
        *("key", "id", "witness"),
    )
)
SECRET_NAMES = frozenset(("token", "username", "password", "basic", "cookie"))
#: What a login may say of a user, and what its answer may give: the rest of SECRET_NAMES.
LOGIN_NAMES = frozenset(("username", "password"))
#: The words of states; a mapping that does not tell waiting from running says `under_way`.
UNDER_WAY = ("under_way", "waiting", "running")
ENDED = ("completed", "failed", "cancelled")
_FILLED = re.compile(r"\{([a-z_]+)\}")
_BODY = TableOf(kind=Anything())
_HEADERS = Headers()
_CALL: dict[str, Kind] = {
    "request": Text(filled=True),
    "query": _BODY,
    "json": _BODY,
    "form": _BODY,
    "headers": _HEADERS,
}
_PATH = Text()
_WORDS = ListOf(kind=Scalar())
_PATTERN = Checked(check_pattern)
_TABLES: dict[str, Mapping[str, Kind]] = {
    "submit": {
        **_CALL,
        "job_id": _PATH,
        "job_id_header": Text(),
        "job_id_pattern": _PATTERN,
        "also": TableOf(kind=Text(filled=True)),
        "format": Text(choices=FORMATS),
        "unknown": _BODY,
    },
    "poll": {**_CALL, "events": _PATH, "position": _PATH, "state": _PATH, "whole": Flag()},
    "stream": {**_CALL, "format": Text(choices=FORMATS)},
    "status": {**_CALL, "state": _PATH, "error": _PATH, "result": _PATH},
    "result": {**_CALL, "value": _PATH},
    "cancel": {**_CALL, "success": _PATH, "message": _PATH},
    "dead": {**_CALL, "ids": _PATH, "id": _PATH},
    "login": {**_CALL, "token": _PATH, "cookie": Text()},
    "refused": dict.fromkeys(("at", "unless", "status"), _PATH),
    "about": {**_CALL, "name": Text(), "version": Text(), "version_at": _PATH},
    "event": {
        **dict.fromkeys(("kind", "number", "state"), _PATH),
        "pattern": _PATTERN,
        "first": Whole(least=-1_000_000, most=1_000_000),
        **dict.fromkeys(("tick", "start", "error", *ENDED, "end"), _WORDS),
    },
    "state": dict.fromkeys((*UNDER_WAY, *ENDED), _WORDS),
}
#: Every request that a mapping may name.
REQUESTS = tuple(name for name, entries in _TABLES.items() if "request" in entries)
#: Entries that are no path in an answer, though they are texts.
NO_PATHS = (
    *("request", "format", "pattern", "job_id_header", "job_id_pattern"),
    *("name", "version", "cookie"),
)
MAPPING = Table(
    {
        **{name: Table(entries) for name, entries in _TABLES.items()},
        "credentials": _HEADERS,
        "ready": Text(filled=True),
        "health": Text(filled=True),
    }
)
NEEDED = {
    "submit": ("request",),
    "poll": ("request", "events"),
    "stream": ("request",),
    "status": ("request", "state"),
    "result": ("request", "value"),
    "cancel": ("request",),
    "dead": ("request", "ids"),
    "login": ("request",),
    "event": ("kind", "number", "tick"),
}


def names_in(value: Any) -> Iterator[str]:
    """Everything in braces, however deep."""
    if isinstance(value, str):
        yield from _FILLED.findall(value)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from names_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from names_in(part)
