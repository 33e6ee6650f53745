"""Targets and versions by requirements on one page, as caniuse shows browsers by features."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from queueproof.errors import UsageError
from queueproof.reporting import digest, html, json_report
from queueproof.reporting.model import RequirementResult, RunResult
from queueproof.verdicts import Verdict

_REPORT = "report.json"
#: The file of a folder whose reports belong to a matrix of their own (`outage_matrix`).
VISIT = "visit.json"
#: The version behind a name such as product-1.13.0.
_VERSION = re.compile(r"[-=]+v?\d[\w.+]*$")


@dataclass(frozen=True)
class Column:
    """One report: its name (that of its folder), its result, and where its own page is."""

    name: str
    result: RunResult
    page: str

    @property
    def reference(self) -> bool:
        """Whether it is a report on our own reference, which keeps every promise."""
        return digest.is_reference(self.result)

    @property
    def product(self) -> str:
        """Whose releases are compared: the name without the version behind it."""
        return _VERSION.sub("", self.name)

    def link_to(self, row: RequirementResult) -> str:
        """Where the report tells what became of one requirement; empty without a page."""
        return f"{quote(self.page)}#{quote(row.id)}" if self.page else ""

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
        """Whether two releases of one product disagree that both judged the requirement.

        The reference is nobody's release: that a product fails what it keeps is no difference.
        """
        judged: dict[str, set[Verdict]] = {}
        for column in self.columns:
            cell = self.cell(row, column)
            if cell is not None and not column.reference:
                judged.setdefault(column.product, set()).add(cell.verdict)
        return any(len(verdicts - {Verdict.NOT_ASSESSED}) > 1 for verdicts in judged.values())

    def tally(self, rows: list[RequirementResult], column: Column) -> str:
        """How many of `rows` hold in one report, of how many that it judged; empty for none."""
        cells = [cell for row in rows if (cell := self.cell(row, column)) is not None]
        judged = [cell for cell in cells if cell.verdict is not Verdict.NOT_ASSESSED]
        held = sum(cell.verdict.unblemished for cell in judged)
        return f"{held} of {len(judged)}" if judged else ""


def collect(folder: Path) -> list[Column]:
    """Every report below `folder`, one for each folder with a report.json; those of a matrix of
    outages are left to that.

    Raises `UsageError` if there is none, or if one cannot be read.
    """
    visits = {path.parent for path in folder.rglob(VISIT)}
    found = [path for path in sorted(folder.rglob(_REPORT)) if visits.isdisjoint(path.parents)]
    if not found:
        raise UsageError(f"there is no {_REPORT} below {folder}")
    return [_column(folder, path) for path in found]


def render(columns: list[Column]) -> str:
    """The page over all the reports; links lead to the page beside each report.json."""
    return html.page("matrix.html.j2", matrices=matrices(columns))


def matrices(columns: Iterable[Column]) -> list[ContractMatrix]:
    """The reports by contract, in the order of their names; the reference comes last."""
    contracts: dict[str, list[Column]] = {}
    for column in sorted(columns, key=lambda each: (each.reference, natural_key(each.name))):
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


def natural_key(name: str) -> list[tuple[int, str]]:
    """A key that puts 1.9 before 1.10."""
    words = "".join(c if c.isdigit() else f" {c} " for c in name).split()
    return [(int(word), "") if word.isdigit() else (-1, word) for word in words]
