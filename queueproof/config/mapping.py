"""The [mapping] table of a target file: how a team's own HTTP job API says what every queue says.

It names the requests (submit, poll or stream, status, cancel), where in their answers the job id,
the events and the states are, which words mean what, and how a probe is expressed in the body of
a submit. A text in braces is filled in; docs/generic.md lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
from queueproof.errors import UsageError

FORMATS = ("lines", "sse")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_FILLED = re.compile(r"\{([a-z_]+)\}")
_PROBE = (
    *("ticks", "interval_s", "interval_ms", "payload_bytes", "slow_start_s", "slow_start_ms"),
    *("quiet_after", "quiet_s", "quiet_ms", "fail_at", "block_at", "block_s", "block_ms"),
    *("key", "witness"),
)
_SECRETS = ("token", "username", "password", "basic")
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
_TABLES: dict[str, Mapping[str, Kind]] = {
    "submit": {**_CALL, "job_id": _PATH, "unknown": _BODY},
    "poll": {**_CALL, "events": _PATH, "position": _PATH, "state": _PATH, "whole": Flag()},
    "stream": {**_CALL, "format": Text(choices=FORMATS)},
    "status": {**_CALL, "state": _PATH, "error": _PATH},
    "cancel": {**_CALL, "success": _PATH, "message": _PATH},
    "event": {
        **dict.fromkeys(("kind", "number", "state"), _PATH),
        "pattern": Checked(check_pattern),
        "first": Whole(least=-1_000_000, most=1_000_000),
        **dict.fromkeys(
            ("tick", "start", "error", "completed", "failed", "cancelled", "end"), _WORDS
        ),
    },
    "state": dict.fromkeys(("under_way", "completed", "failed", "cancelled"), _WORDS),
}
_KINDS: dict[str, Kind] = {
    **{name: Table(keys) for name, keys in _TABLES.items()},
    "credentials": _HEADERS,
    "ready": Text(filled=True),
}
_NEEDED = {
    "submit": ("request", "job_id"),
    "poll": ("request", "events"),
    "stream": ("request",),
    "status": ("request", "state"),
    "cancel": ("request",),
    "event": ("kind", "number", "tick"),
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: `path` and everything in `query`, `json`, `form`, `headers` may hold braces."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names(self) -> frozenset[str]:
        """What it wants to have filled in."""
        return frozenset(_names([self.path, self.query, self.json, self.form, self.headers]))


@dataclass(frozen=True, kw_only=True)
class JobMapping:
    """A whole mapping, checked.

    `calls` has the requests by name; `paths` where something is in an answer, by
    `<table>.<entry>`; `words` which words mean what, by `<table>.<meaning>`. `unknown` is a
    submit's body for a kind of job that does not exist, `first` the number of the first tick;
    `whole` says that every poll answers with all events so far.
    """

    calls: Mapping[str, Call]
    paths: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    credentials: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, Any] | None = None
    stream_format: str = "lines"
    pattern: str = ""
    first: int = 0
    whole: bool = False
    ready: str = "/"


def load_mapping(given: Mapping[str, Any], *, where: str) -> JobMapping:
    """The table, checked; raises UsageError that names the entry for a mistake."""
    tables = Table(_KINDS).read(given, where)
    for name, table in tables.items():
        _check_needed(name, table, where=where)
    _check_whole(tables, where=where)
    calls = {name: _call(tables[name], f"{where}.{name}") for name in _calls(tables)}
    mapping = JobMapping(
        calls=calls,
        paths=_of_type(tables, str, besides=("request", "format", "pattern")),
        words=_of_type(tables, tuple),
        credentials=tables.get("credentials", {}),
        unknown=tables["submit"].get("unknown"),
        stream_format=tables.get("stream", {}).get("format", "lines"),
        pattern=tables["event"].get("pattern", ""),
        first=tables["event"].get("first", 0),
        whole=tables.get("poll", {}).get("whole", False),
        ready=tables.get("ready", "/"),
    )
    _check_names(mapping, where=where)
    return mapping


def _check_needed(name: str, table: Any, *, where: str) -> None:
    for entry in _NEEDED.get(name, ()):
        if not table.get(entry):
            raise UsageError(f"{where}: {name}: {entry} is missing")


def _check_whole(tables: Mapping[str, Any], *, where: str) -> None:
    """What no mapping can do without, and what must fit together."""
    for needed in ("submit", "event"):
        if needed not in tables:
            raise UsageError(f"{where}: the table {needed} is missing")
    if "poll" not in tables and "stream" not in tables:
        raise UsageError(f"{where}: name poll or stream, else nothing can be read")
    if not tables.get("ready", "/").startswith("/"):
        raise UsageError(f"{where}: ready must be a path, such as /health")


def _calls(tables: Mapping[str, Any]) -> list[str]:
    return [name for name, kind in _TABLES.items() if name in tables and "request" in dict_of(kind)]


def dict_of(value: Any) -> Mapping[str, Any]:
    """The value if it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def _call(table: Mapping[str, Any], where: str) -> Call:
    method, _, path = table["request"].partition(" ")
    if method not in _METHODS or not path.startswith("/") or len(path.split()) > 1:
        raise UsageError(
            f'{where}: write request like "GET /jobs/{{job}}", not {table["request"]!r}'
        )
    parts = {name: table[name] for name in ("query", "json", "form", "headers") if name in table}
    return Call(method=method, path=path, **parts)


def _of_type(
    tables: Mapping[str, Any], kind: type, *, besides: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Entries of one type, by `<table>.<entry>`."""
    return {
        f"{name}.{entry}": value
        for name, table in tables.items()
        if name != "credentials"
        for entry, value in dict_of(table).items()
        if isinstance(value, kind) and entry not in besides
    }


def _check_names(mapping: JobMapping, *, where: str) -> None:
    """Nothing in braces that nobody fills in, and what each request cannot do without."""
    allowed = {name: {"job"} for name in mapping.calls}
    allowed |= {"submit": set(_PROBE), "poll": {"job", "after"}}
    for name, call in mapping.calls.items():
        unknown = sorted(call.names - allowed[name])
        if unknown:
            known = ", ".join(sorted(allowed[name]))
            raise UsageError(f"{where}.{name}: nothing fills in {{{unknown[0]}}}; known: {known}")
        if name != "submit" and "job" not in call.names:
            raise UsageError(f"{where}.{name}: {{job}} is nowhere in it: whose job would it be?")
    submit = mapping.calls["submit"].names
    if "ticks" not in submit or not submit & {"interval_s", "interval_ms"}:
        raise UsageError(
            f"{where}.submit: its body must say {{ticks}} and {{interval_s}} or {{interval_ms}}"
        )
    _check_unknown(mapping, where=where)
    follows = any("after" in call.names for call in mapping.calls.values())
    if follows and "poll.position" not in mapping.paths:
        raise UsageError(f"{where}.poll: {{after}} wants a position to be found in the answers")
    strange = sorted(set(_names(mapping.credentials)) - set(_SECRETS))
    if strange:
        raise UsageError(f"{where}.credentials: nothing fills in {{{strange[0]}}}")


def _check_unknown(mapping: JobMapping, *, where: str) -> None:
    """A body for an unknown kind of job must have a body to replace, or an ordinary job is sent."""
    submit, unknown = mapping.calls["submit"], mapping.unknown
    if unknown is None:
        return
    if not (submit.json or submit.form):
        raise UsageError(f"{where}.submit: unknown replaces json or form, and there is neither")
    strange = sorted(set(_names(unknown)) - set(_PROBE))
    if strange:
        raise UsageError(f"{where}.submit.unknown: nothing fills in {{{strange[0]}}}")


def _names(value: Any) -> Iterator[str]:
    """Everything in braces, however deep."""
    if isinstance(value, str):
        yield from _FILLED.findall(value)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _names(part)
    elif isinstance(value, list):
        for part in value:
            yield from _names(part)
