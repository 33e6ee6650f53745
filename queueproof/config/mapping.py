"""The [mapping] table of a target file: how a team's own HTTP job API says what every queue says.

It names the requests (submit; status, poll or stream; cancel), where in their answers the job id,
the events and the states are, which words mean what, and how a probe is expressed in the body of
a submit. A text in braces is filled in; docs/generic.md lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from queueproof.config.mapping_checks import check_names
from queueproof.config.mapping_secrets import learn_literals, masked
from queueproof.config.mapping_tables import (
    MAPPING,
    NEEDED,
    NO_PATHS,
    REQUESTS,
    names_in,
)
from queueproof.errors import UsageError

#: What is sent, and may hold a secret.
_SENT = ("calls", "credentials", "unknown", "ready", "health")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


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
        return frozenset(names_in([self.path, self.query, self.json, self.form, self.headers]))


@dataclass(frozen=True, kw_only=True)
class JobMapping:
    """A whole mapping, checked.

    `calls` has the requests by name; `paths` where something is in an answer, by
    `<table>.<entry>`; `words` which words mean what, by `<table>.<meaning>`. `unknown` is a
    submit's body for a kind of job that does not exist, `first` the number of the first tick;
    `whole` says that every poll answers with all events so far. `submit_format` is that of the
    events in the answer to a submit, where that is its job's stream. `id_header` and `id_pattern`
    say where a job's id is if it is not at a path; `also` are further values of a submit's answer,
    by the name that later requests fill in. `name` and `version` are the system's own;
    `health` is a path that is answered with 200 while the queue can serve, if there is one;
    `login_cookie` is the cookie that a login gives, if it gives no token.
    """

    calls: Mapping[str, Call]
    paths: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    credentials: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, Any] | None = None
    stream_format: str = "lines"
    submit_format: str = ""
    pattern: str = ""
    first: int = 0
    whole: bool = False
    ready: str = "/"
    health: str = ""
    id_header: str = ""
    id_pattern: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    version: str = ""
    login_cookie: str = ""

    @property
    def names_ids(self) -> bool:
        """Whether the answer to a submit names the job's id; else the client has chosen it."""
        return bool(self.paths.get("submit.job_id") or self.id_header)

    @property
    def tells_results(self) -> bool:
        """Whether a job can be asked to compute something, and what it computed asked for."""
        asked = "status.result" in self.paths or "result" in self.calls
        return asked and "answer" in self.calls["submit"].names

    @property
    def streams(self) -> bool:
        """Whether a job's events are streamed: to whoever asks, or to whoever has submitted it."""
        return "stream" in self.calls or bool(self.submit_format)

    @property
    def tells_steps(self) -> bool:
        """Whether a job's steps are told as events; else only its state is."""
        return "event.kind" in self.paths


def publishable(mapping: JobMapping) -> dict[str, Any]:
    """The mapping as plain data that a report may carry: what is named like a secret, and stands
    in it literally instead of in braces, is masked.
    """
    told = asdict(mapping)
    return told | {name: masked(told[name]) for name in _SENT if told[name]}


def load_mapping(given: Mapping[str, Any], *, where: str) -> JobMapping:
    """The table, checked; raises UsageError that names the entry for a mistake."""
    tables = MAPPING.read(given, where)
    for name, table in tables.items():
        _check_needed(name, table, where=where)
    _check_whole(tables, where=where)
    calls = {name: _call(tables[name], f"{where}.{name}") for name in _calls(tables)}
    submit, event, about = tables["submit"], tables.get("event", {}), tables.get("about", {})
    mapping = JobMapping(
        calls=calls,
        paths=_of_type(tables, str, besides=NO_PATHS),
        words=_of_type(tables, tuple),
        credentials=tables.get("credentials", {}),
        unknown=submit.get("unknown"),
        stream_format=tables.get("stream", {}).get("format", "lines"),
        submit_format=submit.get("format", ""),
        pattern=event.get("pattern", ""),
        first=event.get("first", 0),
        whole=tables.get("poll", {}).get("whole", False),
        ready=tables.get("ready", "/"),
        health=tables.get("health", ""),
        id_header=submit.get("job_id_header", ""),
        id_pattern=submit.get("job_id_pattern", ""),
        also=submit.get("also", {}),
        name=about.get("name", ""),
        version=about.get("version", ""),
        login_cookie=tables.get("login", {}).get("cookie", ""),
    )
    check_names(mapping, where=where)
    told = asdict(mapping)
    learn_literals([told[name] for name in _SENT])
    return mapping


def _check_needed(name: str, table: Any, *, where: str) -> None:
    for entry in NEEDED.get(name, ()):
        if not table.get(entry):
            raise UsageError(f"{where}: {name}: {entry} is missing")


def _check_whole(tables: Mapping[str, Any], *, where: str) -> None:
    """What no mapping can do without, and what must fit together."""
    if "submit" not in tables:
        raise UsageError(f"{where}: the table submit is missing")
    told = [name for name in ("poll", "stream") if name in tables]
    if tables["submit"].get("format"):
        told.append("submit")
    if not told and "status" not in tables:
        raise UsageError(f"{where}: name status, poll or stream, else nothing can be read")
    if told and "event" not in tables:
        raise UsageError(
            f"{where}: the table event is missing: how is what a {told[0]} tells read?"
        )
    if "event" in tables and not told:
        raise UsageError(
            f"{where}: event says how polls and streams are read, and there is neither"
        )
    if not told and not any(tables.get("state", {}).get(name) for name in ("completed", "failed")):
        raise UsageError(f"{where}: the table state is missing: which words mean that a job ended?")
    pathless = [n for n in ("ready", "health") if not tables.get(n, "/").startswith("/")]
    if pathless:
        raise UsageError(f"{where}: {pathless[0]} must be a path, such as /health")


def _calls(tables: Mapping[str, Any]) -> list[str]:
    """The requests that are named; `about` may be no request, but what the file itself says."""
    return [name for name in REQUESTS if dict_of(tables.get(name)).get("request")]


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
