"""A baseline: the failures that are known and accepted, so that only news fails a run.

A TOML file of entries, each with the requirement's `id`, the `case` that fails, the `symptom` by
which it does (`symptom.py`) and a `reason`, optionally a `link` and an expiry `until` (a date; the
entry holds on that day still)::

    [[accept]]
    id = "POLL-003"
    case = "suites/polling/test_delivery.py::test_polling_through_all_workers"
    symptom = "# deliveries of # ticks: # duplicated"
    reason = "a cursor a worker; mended upstream in 1.14"
    link = "https://example.org/issues/123"
    until = 2027-03-31

A case that fails by another symptom is news: an accepted duplicate must not hide a loss. An entry
that no longer says the truth fails the run as well: the case passes now, or there is no such case,
or its day is over. What was not assessed says nothing. Entries without a case, as they were written
formerly, accept whatever fails in the requirement, and say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from queueproof.errors import UsageError
from queueproof.input_files import parsed_toml, read_text
from queueproof.reporting import digest
from queueproof.reporting.model import (
    Acceptance,
    CaseResult,
    RequirementResult,
    RunResult,
    Standing,
)
from queueproof.reporting.symptom import symptom_of
from queueproof.reporting.text import shown_in_line
from queueproof.verdicts import Verdict, worst_of_cases

_KEYS = {"id", "case", "symptom", "reason", "link", "until"}
_TEXTS = ("case", "symptom", "link")
_COVERED = (Verdict.FAILED, Verdict.INCONCLUSIVE)


def load_baseline(path: Path) -> tuple[Acceptance, ...]:
    """The entries of a baseline file, none judged yet.

    Raises `UsageError` if it cannot be read or an entry is wrong.
    """
    return parse(read_text(path, what="--baseline"), str(path))


def parse(text: str, path: str) -> tuple[Acceptance, ...]:
    """The entries of a baseline's text; `path` is what errors call it. Raises `UsageError`."""
    data = parsed_toml(text, where=path)
    if set(data) - {"accept"} or not isinstance(data.get("accept", []), list):
        raise UsageError(f"{path}: a baseline holds [[accept]] entries and nothing else")
    entries = tuple(_entry(path, number, each) for number, each in enumerate(_entries(data), 1))
    twice = {one.id for one in entries if sum(_same(one, each) for each in entries) > 1}
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
    verdicts = [_verdict_beside(row, entries) for row in rows]
    if any(entry.fails_the_run for entry in entries):
        verdicts.append(Verdict.FAILED)
    return verdicts


def _verdict_beside(row: RequirementResult, entries: tuple[Acceptance, ...]) -> Verdict:
    """The row's verdict, with every failure that an entry covers taken for a pass."""
    return worst_of_cases(
        Verdict.PASSED
        if case.verdict in _COVERED and any(entry.covers(case) for entry in entries)
        else case.verdict
        for case in row.cases
    )


def render(result: RunResult, *, reason: str, link: str = "", until: str = "") -> str:
    """A baseline file that accepts every failure of `result`; earlier entries keep their words."""
    known = result.baseline or ()
    subject = shown_in_line(f"{result.target.contract} {result.target.version or ''}")
    lines = [
        f"# Known failures of {subject}, from run {shown_in_line(result.run.id)}.",
        "# See docs/ci.md. An entry whose requirement passes again fails the run: remove it then.",
    ]
    for row, case in digest.cases_with(result, Verdict.FAILED):
        fresh = Acceptance(
            id=row.id,
            case=case.id,
            symptom=symptom_of(case),
            reason=reason,
            link=link,
            until=until,
        )
        lines += [
            "",
            f"# {shown_in_line(row.sentence)}",
            *_written(_in_earlier_words(fresh, known)),
        ]
    return "\n".join(lines) + "\n"


def _in_earlier_words(fresh: Acceptance, known: Iterable[Acceptance]) -> Acceptance:
    """The entry with the words of an earlier one for the same failure, or for the requirement."""
    for earlier in known:
        if _same(fresh, earlier) or (earlier.id == fresh.id and not earlier.case):
            return replace(fresh, reason=earlier.reason, link=earlier.link, until=earlier.until)
    return fresh


def _same(one: Acceptance, other: Acceptance) -> bool:
    return (one.id, one.case, one.symptom) == (other.id, other.case, other.symptom)


def _written(entry: Acceptance) -> list[str]:
    lines = ["[[accept]]", f"id = {_quoted(entry.id)}", f"case = {_quoted(entry.case)}"]
    lines += [f"symptom = {_quoted(entry.symptom)}", f"reason = {_quoted(entry.reason)}"]
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
        raise UsageError(
            f"{where}: an entry has id, case, symptom, reason and perhaps link and until"
        )
    for key in ("id", "reason"):
        if not (isinstance(entry.get(key), str) and entry[key].strip()):
            raise UsageError(f"{where} needs a {key}: why is this failure accepted?")
    until = entry.get("until", "")
    if until and type(until) is not date:
        raise UsageError(f"{where}: until must be a date such as 2027-03-31, without quotes")
    for key in _TEXTS:
        if not isinstance(entry.get(key, ""), str):
            raise UsageError(f"{where}: {key} must be a string")
    if entry.get("symptom") and not entry.get("case"):
        raise UsageError(f"{where}: a symptom is one of a case: name the case too")
    return Acceptance(**entry | {"until": str(until)})


def _judged(
    entry: Acceptance, row: RequirementResult | None, today: date, known: set[str]
) -> Acceptance:
    if entry.id not in known:
        return _with(entry, Standing.STALE, "there is no such requirement")
    if row is None:
        return _with(entry, Standing.UNASKED, "it was not assessed in this run")
    case = next((each for each in row.cases if each.id == entry.case), None)
    if entry.case and case is None and row.cases:
        return _with(entry, Standing.STALE, "there is no such case")
    return _judged_by(entry, row.verdict if case is None else case.verdict, case, today)


def _judged_by(
    entry: Acceptance, verdict: Verdict, case: CaseResult | None, today: date
) -> Acceptance:
    """The entry's standing by the verdict on its case, or on its requirement."""
    if verdict in (Verdict.NOT_ASSESSED, Verdict.PASSED_IN_PART):
        return _with(entry, Standing.UNASKED, "it was not assessed in this run, or only in part")
    if verdict is Verdict.PASSED:
        what = "case passes" if entry.case else "requirement holds"
        return _with(entry, Standing.STALE, f"the {what} now: remove the entry")
    if entry.until and date.fromisoformat(entry.until) < today:
        return _with(entry, Standing.EXPIRED, f"accepted only until {entry.until}")
    if verdict not in _COVERED:
        return _with(entry, Standing.UNASKED, "queueproof itself failed on it")
    now = symptom_of(case) if case is not None and verdict is Verdict.FAILED else ""
    if entry.symptom and now and now != entry.symptom:
        return _with(entry, Standing.CHANGED, f"it fails otherwise now: {now}")
    return _with(entry, Standing.ACCEPTED, verdict.words)


def _with(entry: Acceptance, standing: Standing, note: str) -> Acceptance:
    return replace(entry, standing=standing, note=note)
