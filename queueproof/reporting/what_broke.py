"""Which outage broke which promise: what the first screen of a failing run of outages tells.

Made of what each outage says of its failing requirements (`broken`, see `chaos/first_wrong.py`) and
of the requirements themselves. Reports of earlier versions say nothing of the kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from queueproof.reporting import consequences, digest, outages
from queueproof.reporting.model import CaseResult, RequirementResult, RunResult
from queueproof.verdicts import Verdict


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One outage that broke one requirement, as it was first seen.

    `place` is the outage's anchor on the page, `outage` its ID and title, `when` the instant in
    words; `job`, `operation` and `kind` are of the operation that showed it, where it is known;
    `log` is what the target printed near it.
    """

    row: RequirementResult
    case: str
    place: str
    outage: str
    at_s: float
    when: str
    actual: str
    expected: str
    findings: int
    job: str = ""
    operation: int | None = None
    kind: str = ""
    log: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What happened, without a full stop: `0.9 s after the fault was removed: told …`."""
        more = f" (and {self.findings - 1} more findings)" if self.findings > 1 else ""
        return f"{self.when}: {self.actual}{more}"


@dataclass(frozen=True)
class BrokenPromise:
    """A requirement that outages broke.

    `outages` are lines, one for each: what happened, when, and what was seen. `first` is the case
    of the first of them without what was seen, which its line tells; `commands` repeat them.
    """

    row: RequirementResult
    outages: tuple[str, ...]
    first: CaseResult
    commands: tuple[str, ...]


@dataclass(frozen=True)
class BreachGroup:
    """Breaches with one consequence for users, those of a MUST first, then in the order of time."""

    words: str
    breaches: tuple[Breach, ...]

    @property
    def must(self) -> int:
        """How many of them break what the contract's document itself promises."""
        return sum(each.row.level == "MUST" for each in self.breaches)


def groups_of(result: RunResult) -> list[BreachGroup]:
    """What outages broke, by consequence, the gravest first; empty where nothing is known of it."""
    groups: defaultdict[str, list[Breach]] = defaultdict(list)
    for breach in _breaches(result):
        groups[consequences.consequence_of(breach.row)].append(breach)
    return [
        BreachGroup(words, tuple(sorted(groups[words], key=_order)))
        for words in consequences.ORDER
        if words in groups
    ]


def promises_broken(result: RunResult) -> list[BrokenPromise]:
    """What outages broke, by requirement, in the order of the registry; of runs of outages only."""
    breaches = {(each.row.id, each.case): each for each in _breaches(result)}
    headings = {str(entry.get("id")): outages.heading_of(entry) for entry in result.scenarios}
    cases: defaultdict[str, list[CaseResult]] = defaultdict(list)
    rows: dict[str, RequirementResult] = {}
    for row, case in digest.cases_with(result, Verdict.FAILED):
        if result.kind == "chaos" and result.acceptance_of(case) is None:
            rows[row.id] = row
            cases[row.id].append(case)

    def told(row: RequirementResult, case: CaseResult) -> str:
        breach = breaches.get((row.id, case.id))
        return f"{headings.get(case.id, case.id)}, {breach.sentence if breach else case.actual}"

    return [
        BrokenPromise(
            row=row,
            outages=tuple(told(row, case) for case in cases[name]),
            first=replace(cases[name][0], actual=""),
            commands=tuple(dict.fromkeys(one.reproduce for one in cases[name] if one.reproduce)),
        )
        for name, row in rows.items()
    ]


def first_of(groups: list[BreachGroup]) -> Breach | None:
    """The breach that is told and drawn first: of a MUST if there is any, of the gravest kind."""
    every = [breach for group in groups for breach in group.breaches]
    return next((each for each in every if each.row.level == "MUST"), next(iter(every), None))


def outages_first(groups: list[BreachGroup]) -> list[str]:
    """The names of the outages that broke anything, in the order in which breaches are told."""
    return list(dict.fromkeys(each.case for group in groups for each in group.breaches))


def outages_in_words(groups: list[BreachGroup], played: int) -> str:
    """`1 of 3 outages broke 2 requirements`."""
    every = [breach for group in groups for breach in group.breaches]
    struck, rows = len({each.case for each in every}), len({each.row.id for each in every})
    things = "requirement" if rows == 1 else "requirements"
    return f"{struck} of {played} {'outage' if played == 1 else 'outages'} broke {rows} {things}"


def _order(breach: Breach) -> tuple[bool, float]:
    return breach.row.level != "MUST", breach.at_s


def _breaches(result: RunResult) -> Iterator[Breach]:
    rows = {row.id: row for row in result.requirements}
    for number, entry in enumerate(result.scenarios, 1):
        told = entry.get("broken")
        for each in told if isinstance(told, list) else ():
            row = rows.get(str(each.get("requirement"))) if isinstance(each, dict) else None
            if row is not None and row.id not in result.accepted:
                yield _breach(row, entry, each, number)


def _breach(
    row: RequirementResult, entry: dict[str, Any], told: dict[str, Any], number: int
) -> Breach:
    log = told.get("log")
    at_s, operation, findings = told.get("at_s"), told.get("operation"), told.get("findings")
    return Breach(
        row=row,
        case=str(entry.get("id")),
        place=f"scenario-{number}",
        outage=outages.heading_of(entry),
        at_s=float(at_s) if isinstance(at_s, int | float) else 0.0,
        when=str(told.get("when") or "in the outage"),
        actual=str(told.get("actual") or ""),
        expected=str(told.get("expected") or ""),
        findings=findings if isinstance(findings, int) else 1,
        job=str(told.get("job") or ""),
        operation=operation if isinstance(operation, int) else None,
        kind=str(told.get("kind") or ""),
        log=tuple(str(line) for line in log) if isinstance(log, list) else (),
    )
