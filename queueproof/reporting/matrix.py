"""Targets and versions by requirements on one page, as caniuse shows browsers by features."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from queueproof.errors import UsageError
from queueproof.reporting import html, json_report
from queueproof.reporting.model import RequirementResult, RunResult
from queueproof.verdicts import Verdict

_REPORT = "report.json"


@dataclass(frozen=True)
class Column:
    """One report: its name (that of its folder), its result, and where its own page is."""

    name: str
    result: RunResult
    page: str

    @property
    def rows(self) -> dict[str, RequirementResult]:
        """Its requirements by ID."""
        return {row.id: row for row in self.result.requirements}


@dataclass(frozen=True)
class ContractMatrix:
    """All the reports of one contract and every requirement of any of them, by area."""

    contract: str
    columns: list[Column]
    areas: dict[str, list[RequirementResult]]

    def cell(self, row: RequirementResult, column: Column) -> RequirementResult | None:
        """What one report says of one requirement; None if it does not know it."""
        return column.rows.get(row.id)

    def differs(self, row: RequirementResult) -> bool:
        """Whether two reports that judged the requirement disagree."""
        cells = (self.cell(row, column) for column in self.columns)
        judged = {cell.verdict for cell in cells if cell is not None}
        return len(judged - {Verdict.NOT_ASSESSED}) > 1


def collect(folder: Path) -> list[Column]:
    """Every report below `folder`, one for each folder with a report.json.

    Raises `UsageError` if there is none, or if one cannot be read.
    """
    found = sorted(folder.rglob(_REPORT))
    if not found:
        raise UsageError(f"there is no {_REPORT} below {folder}")
    return [_column(folder, path) for path in found]


def render(columns: list[Column]) -> str:
    """The page over all the reports; links lead to the page beside each report.json."""
    return html.page("matrix.html.j2", matrices=matrices(columns))


def matrices(columns: Iterable[Column]) -> list[ContractMatrix]:
    """The reports by contract, in the order of their names."""
    contracts: dict[str, list[Column]] = {}
    for column in sorted(columns, key=lambda each: _natural(each.name)):
        contracts.setdefault(column.result.target.contract, []).append(column)
    return [ContractMatrix(name, each, _areas(each)) for name, each in contracts.items()]


def _column(folder: Path, path: Path) -> Column:
    page = path.with_name("report.html")
    link = page.relative_to(folder).as_posix() if page.is_file() else ""
    return Column(path.parent.name, json_report.load(path), link)


def _areas(columns: list[Column]) -> dict[str, list[RequirementResult]]:
    rows: dict[str, RequirementResult] = {}
    for column in columns:
        for row in column.result.requirements:
            rows.setdefault(row.id, row)
    areas: dict[str, list[RequirementResult]] = {}
    for row in rows.values():
        areas.setdefault(row.area, []).append(row)
    return areas


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that puts 1.9 before 1.10."""
    words = "".join(c if c.isdigit() else f" {c} " for c in name).split()
    return [(int(word), "") if word.isdigit() else (-1, word) for word in words]
