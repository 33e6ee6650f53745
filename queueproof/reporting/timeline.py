"""The history as the page carries it: what was done to the target, on one clock.

`history.jsonl.gz` beside the report has every operation. The page takes at most `ROWS` of them,
those of cases that did not pass first, as arrays of numbers with the texts kept apart: fifty
thousand rows then weigh a few megabytes and are not even parsed before a timeline is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queueproof.errors import UsageError
from queueproof.input_files import read_json_lines
from queueproof.reporting.digest import BY_GRAVITY
from queueproof.reporting.history_rows import wrong_in
from queueproof.reporting.model import RunResult
from queueproof.reporting.text import shown_in_line
from queueproof.verdicts import Verdict

ROWS = 50_000
ROWS_OF_LOAD = 2_000

_EVENTS_OF_TELLING, _EVENTS_OF_OTHERS = 2_000, 60
_TEXT_LIMIT = 200
_OUTCOMES = ("ok", "failed", "unknown")
_DULL = "other"
_OF_CASE = "#case="

Row = dict[str, Any]


@dataclass
class _Table:
    """Strings, each kept once; a row holds their numbers."""

    texts: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: Any) -> int:
        """The number of `text`; -1 for None and for nothing."""
        if text is None or text == "":
            return -1
        line = shown_in_line(str(text), limit=_TEXT_LIMIT)
        if line not in self._numbers:
            self._numbers[line] = len(self.texts)
            self.texts.append(line)
        return self._numbers[line]


def read_history(path: Path, *, limit: int | None = None) -> list[Row]:
    """The operations in `path`, in the order in which they stand there; at most `limit`.

    Raises `UsageError` if it cannot be read or is no history.
    """
    return list(_checked(path, limit=limit))


def _checked(path: Path, *, limit: int | None = None) -> Iterator[Row]:
    for number, row in enumerate(read_json_lines(path, what="history", limit=limit), 1):
        if (wrong := wrong_in(row)) is not None:
            raise UsageError(f"history {path}, line {number}: {wrong}")
        yield row


def read_telling(path: Path, result: RunResult, *, limit: int = ROWS) -> tuple[list[Row], int]:
    """At most `limit` operations in `path`, in their order, and how many more there are.

    Those of cases that did not pass come before others, so that the memory which the page of a run
    of hours takes is that of a run of minutes. Raises as `read_history` does.
    """
    telling = _telling_cases(result)
    wanted: list[tuple[int, Row]] = []
    others: list[tuple[int, Row]] = []
    number = 0
    for number, row in enumerate(_checked(path), 1):
        kept = wanted if row.get("case") in telling else others
        if len(kept) < limit:
            kept.append((number, row))
    chosen = sorted([*wanted, *others][:limit], key=lambda each: each[0])
    return [row for _, row in chosen], number - len(chosen)


def compact(
    result: RunResult, rows: list[Row], *, limit: int = ROWS, more: int = 0
) -> dict[str, Any]:
    """What the page's script reads: `ops` of numbers, tables of texts, fault windows, and when
    the run `began`, as ISO 8601. `more` operations were not even read.

    Instants are milliseconds of the run. An operation is `[number, case, kind, job, worker,
    start, end or -1, outcome, status, detail, events]`, events are flat quadruples `kind, tick,
    at, text`; -1 stands for nothing.
    """
    telling = _telling_cases(result)
    kept = _kept(rows, telling, limit)
    tables = {name: _Table() for name in ("cases", "kinds", "jobs", "workers", "events", "texts")}
    ops = [_op(row, tables, telling=str(row.get("case")) in telling) for row in kept]
    return {
        **{name: table.texts for name, table in tables.items()},
        "outcomes": list(_OUTCOMES),
        "began": result.run.started_at,
        "ops": ops,
        "faults": [
            [*window, tables["cases"].number(case)] for *window, case in fault_windows(kept)
        ],
        "left_out": len(rows) - len(kept) + more,
    }


def fault_windows(rows: Iterable[Row]) -> Iterator[tuple[str, int, int, str]]:
    """Each fault as (name, applied, healed, case) in milliseconds; -1 where it was never healed."""
    open_since: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.get("kind") != "fault":
            continue
        name, _, stage = _stage(str(row.get("detail", "")))
        key, at = (str(row.get("case", "")), name), _ms(row["invoked_s"])
        if stage == "applied":
            open_since[key] = at
        elif stage == "healed" and key in open_since:
            yield name, open_since.pop(key), at, key[0]
    for (case, name), since in open_since.items():
        yield name, since, -1, case


def _stage(detail: str) -> tuple[str, str, str]:
    """A fault's note is its name, then `applied`, `confirmed: …` or `healed`."""
    for stage in ("applied", "confirmed", "healed"):
        name, found, rest = detail.partition(f" {stage}")
        if found:
            return name, rest, stage
    return detail, "", ""


def _telling_cases(result: RunResult) -> set[str]:
    """The cases whose evidence matters most: those that failed or could not be settled.

    By their own names, and by those that their evidence has in the history.
    """
    grave = set(BY_GRAVITY[: BY_GRAVITY.index(Verdict.PASSED)])
    cases = [c for row in result.requirements for c in row.cases if c.verdict in grave]
    named = [ref.partition(_OF_CASE) for case in cases for ref in case.history_refs]
    return {case.id for case in cases} | {name for _, found, name in named if found}


def _kept(rows: list[Row], telling: set[str], limit: int) -> list[Row]:
    if len(rows) <= limit:
        return rows
    ordered = sorted(range(len(rows)), key=lambda at: rows[at].get("case") not in telling)
    return [rows[at] for at in sorted(ordered[:limit])]


def _op(row: Row, tables: dict[str, _Table], *, telling: bool) -> list[Any]:
    start, ended = _ms(row["invoked_s"]), row.get("ended_s")
    outcome = str(row.get("outcome"))
    return [
        int(row.get("number", -1)),
        tables["cases"].number(row.get("case")),
        tables["kinds"].number(row.get("kind")),
        tables["jobs"].number(row.get("job")),
        tables["workers"].number(row.get("worker")),
        start,
        -1 if ended is None else _ms(ended),
        _OUTCOMES.index(outcome) if outcome in _OUTCOMES else 2,
        row.get("status") or -1,
        tables["texts"].number(row.get("detail")),
        list(_events(row, tables, telling=telling)),
    ]


def _events(row: Row, tables: dict[str, _Table], *, telling: bool) -> Iterator[int]:
    events = row.get("events") or ()
    for event in events[: _EVENTS_OF_TELLING if telling else _EVENTS_OF_OTHERS]:
        kind, tick, at_s, text = (*event, None, None, None, None)[:4]
        if kind == _DULL and not telling:
            continue
        yield tables["events"].number(kind)
        yield -1 if tick is None else int(tick)
        yield _ms(at_s or 0.0)
        yield tables["texts"].number(text) if telling else -1


def _ms(instant_s: float) -> int:
    return round(instant_s * 1000)
