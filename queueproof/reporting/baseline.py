"""A baseline: the failures that are known and accepted, so that only news fails a run.

A TOML file of entries, each with the requirement's `id` and a `reason`, optionally a `link` and
an expiry `until` (a date; the entry holds on that day still)::

    [[accept]]
    id = "POLL-003"
    reason = "a cursor a worker; mended upstream in 1.14"
    link = "https://example.org/issues/123"
    until = 2027-03-31

An entry that no longer says the truth fails the run as well: the requirement passes now, or
there is no such requirement, or its day is over. What was not assessed says nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from queueproof.errors import UsageError
from queueproof.reporting import digest
from queueproof.reporting.model import Acceptance, RequirementResult, RunResult, Standing
from queueproof.reporting.text import shown_in_line
from queueproof.verdicts import Verdict

_KEYS = {"id", "reason", "link", "until"}
_COVERED = (Verdict.FAILED, Verdict.INCONCLUSIVE)


def load_baseline(path: Path) -> tuple[Acceptance, ...]:
    """The entries of a baseline file, none judged yet.

    Raises `UsageError` if it cannot be read or an entry is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the baseline {path}: {error}") from error
    return parse(text, str(path))


def parse(text: str, path: str) -> tuple[Acceptance, ...]:
    """The entries of a baseline's text; `path` is what errors call it. Raises `UsageError`."""
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    if set(data) - {"accept"} or not isinstance(data.get("accept", []), list):
        raise UsageError(f"{path}: a baseline holds [[accept]] entries and nothing else")
    entries = tuple(_entry(path, number, each) for number, each in enumerate(_entries(data), 1))
    twice = {entry.id for entry in entries if sum(e.id == entry.id for e in entries) > 1}
    if twice:
        raise UsageError(f"{path}: more than one entry for {', '.join(sorted(twice))}")
    return entries


def judged(
    entries: Iterable[Acceptance],
    rows: Iterable[RequirementResult],
    *,
    today: date,
    known: Iterable[str],
) -> tuple[Acceptance, ...]:
    """The entries with their standing in this run; `known` are all requirement IDs there are."""
    by_id, every = {row.id: row for row in rows}, set(known)
    return tuple(_judged(entry, by_id.get(entry.id), today, every) for entry in entries)


def run_verdicts(rows: Iterable[RequirementResult], entries: Iterable[Acceptance]) -> list[Verdict]:
    """What a run's verdict is the worst of, once the baseline has its say."""
    entries = tuple(entries)
    covered = {entry.id for entry in entries if entry.standing is Standing.ACCEPTED}
    verdicts = [Verdict.PASSED if row.id in covered else row.verdict for row in rows]
    if any(entry.fails_the_run for entry in entries):
        verdicts.append(Verdict.FAILED)
    return verdicts


def render(result: RunResult, *, reason: str, link: str = "", until: str = "") -> str:
    """A baseline file that accepts every failure of `result`; earlier entries keep their words."""
    known = {entry.id: entry for entry in result.baseline or ()}
    subject = shown_in_line(f"{result.target.contract} {result.target.version or ''}")
    lines = [
        f"# Known failures of {subject}, from run {shown_in_line(result.run.id)}.",
        "# See docs/ci.md. An entry whose requirement passes again fails the run: remove it then.",
    ]
    for row in digest.rows_with(result, Verdict.FAILED):
        entry = known.get(row.id) or Acceptance(id=row.id, reason=reason, link=link, until=until)
        lines += ["", f"# {shown_in_line(row.sentence)}", *_written(entry)]
    return "\n".join(lines) + "\n"


def _written(entry: Acceptance) -> list[str]:
    lines = ["[[accept]]", f"id = {_quoted(entry.id)}", f"reason = {_quoted(entry.reason)}"]
    lines += [f"link = {_quoted(entry.link)}"] if entry.link else []
    return lines + ([f"until = {entry.until}"] if entry.until else [])


def _quoted(text: str) -> str:
    line = shown_in_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{line}"'


def _entries(data: dict[str, Any]) -> list[Any]:
    entries: list[Any] = data.get("accept", [])
    return entries


def _entry(path: str, number: int, entry: Any) -> Acceptance:
    where = f"{path}: entry {number}"
    if not isinstance(entry, dict) or set(entry) - _KEYS:
        raise UsageError(f"{where}: an entry has id, reason and perhaps link and until")
    for key in ("id", "reason"):
        if not (isinstance(entry.get(key), str) and entry[key].strip()):
            raise UsageError(f"{where} needs a {key}: why is this failure accepted?")
    until = entry.get("until", "")
    if until and type(until) is not date:
        raise UsageError(f"{where}: until must be a date such as 2027-03-31, without quotes")
    link = entry.get("link", "")
    if not isinstance(link, str):
        raise UsageError(f"{where}: link must be a string")
    return Acceptance(id=entry["id"], reason=entry["reason"], link=link, until=str(until))


def _judged(
    entry: Acceptance, row: RequirementResult | None, today: date, known: set[str]
) -> Acceptance:
    if entry.id not in known:
        return _with(entry, Standing.STALE, "there is no such requirement")
    if row is None or row.verdict is Verdict.NOT_ASSESSED:
        return _with(entry, Standing.UNASKED, "it was not assessed in this run")
    if row.verdict is Verdict.PASSED:
        return _with(entry, Standing.STALE, "the requirement holds now: remove the entry")
    if entry.until and date.fromisoformat(entry.until) < today:
        return _with(entry, Standing.EXPIRED, f"accepted only until {entry.until}")
    if row.verdict in _COVERED:
        return _with(entry, Standing.ACCEPTED, row.verdict.words)
    return _with(entry, Standing.UNASKED, "queueproof itself failed on it")


def _with(entry: Acceptance, standing: Standing, note: str) -> Acceptance:
    return replace(entry, standing=standing, note=note)
