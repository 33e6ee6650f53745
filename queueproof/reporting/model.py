"""The result model: the one source from which every report format is written.

Mirrors `report.json` (schema in `reports/schema/report.schema.json`). Plain frozen data, no
behaviour beyond counting, no knowledge of how a run was made. Durations are seconds, instants
are ISO 8601 in UTC, job traces are lines as a person reads them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from queueproof.verdicts import ExitCode, Verdict, worst_of_cases

SCHEMA_VERSION = "1.1"
_TO_ACCEPT = (Verdict.FAILED, Verdict.INCONCLUSIVE)
_TOO_BROAD = "accepts whatever fails here: write the baseline anew, by case and symptom"

#: How a note of a run's coverage begins that somebody must act on.
LEFT_BEHIND = "left behind, remove it by hand: "
#: How one begins that is told before everything else.
STOOD_STILL = "the target stopped beginning jobs: "


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """One case's outcome.

    `expected` and `actual` are set for a failed case; `reason` says why a case was not assessed,
    inconclusive or in error; `trace` is the case's wire evidence (secrets already redacted);
    `history_refs` point into `history.jsonl.gz`; `reproduce` is one command. `wrong_operations` are
    the numbers of the history's operations that were wrong first; `log` is the last that a target
    which the run has launched printed while the case ran.
    """

    id: str
    requirement: str
    title: str
    verdict: Verdict
    duration_s: float
    alone: bool = False
    reason: str = ""
    expected: str = ""
    actual: str = ""
    trace: tuple[str, ...] = ()
    history_refs: tuple[str, ...] = ()
    reproduce: str = ""
    wrong_operations: tuple[int, ...] = ()
    log: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequirementResult:
    """One row of the registry with its cases; its verdict follows from theirs.

    `promise` is what the target promises of it, where its own declaration decides the verdict.
    """

    id: str
    level: str
    area: str
    sentence: str
    source: str
    access: str
    cases: tuple[CaseResult, ...] = ()
    reason: str = ""
    promise: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the cases; without a case, not assessed.

        Passed in part when one case passed and another was not asked.
        """
        return worst_of_cases(case.verdict for case in self.cases)

    @property
    def unasked(self) -> tuple[CaseResult, ...]:
        """The cases that were not asked."""
        return tuple(case for case in self.cases if case.verdict is Verdict.NOT_ASSESSED)


@dataclass(frozen=True, kw_only=True)
class TargetInfo:
    """The deployment that was judged. URLs carry no credentials."""

    contract: str
    urls: tuple[str, ...]
    version: str | None
    workers: tuple[str, ...]
    timings: dict[str, float]
    access: tuple[str, ...]
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """How the report came to be. `command` never contains a secret."""

    id: str
    started_at: str
    duration_s: float
    command: str
    seed: int
    tool_version: str
    python: str = ""
    interrupted: str = ""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What the run touched: `pairs` are (operation, submitting worker, acting worker, count)."""

    pairs: tuple[tuple[str, str, str, int], ...] = ()
    areas: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Standing(Enum):
    """What a baseline's entry is worth in one run."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    STALE = "stale"
    EXPIRED = "expired"
    UNASKED = "unasked"


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A known failure that somebody accepts, why, and until which day (ISO 8601, or empty).

    It is of one case, and shows by its `symptom`: what fails otherwise is news. An entry without a
    case, as they were written formerly, accepts whatever fails in its requirement. `note` says how
    the entry came by its standing.
    """

    id: str
    reason: str
    case: str = ""
    symptom: str = ""
    link: str = ""
    until: str = ""
    standing: Standing = Standing.UNASKED
    note: str = ""

    @property
    def fails_the_run(self) -> bool:
        """Whether the entry itself is wrong: a baseline must not outlive what it excuses."""
        return self.standing in (Standing.STALE, Standing.EXPIRED)

    @property
    def words(self) -> str:
        """The reason, and what is to be said of an entry that accepts too much."""
        return self.reason if self.case else f"{self.reason} ({_TOO_BROAD})"

    def covers(self, case: CaseResult) -> bool:
        """Whether it accepts what became of this case, once it has its standing."""
        mine = self.id == case.requirement and self.case in ("", case.id)
        return mine and self.standing is Standing.ACCEPTED


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A time that was measured beside the verdicts, each measurement in seconds, in their order."""

    name: str
    values_s: tuple[float, ...]

    def percentile_s(self, share: int) -> float:
        """The smallest measurement that so many per cent of them do not exceed."""
        place = math.ceil(share / 100 * len(self.values_s))
        return self.values_s[max(place, 1) - 1]


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """A whole run. `verdict` and `exit_code` are what the process will return.

    `baseline` holds the known failures that were accepted beforehand; None without a baseline.
    `unproven_cases` are those that no variant was seen to fail, in a proof of the suites.
    """

    kind: str
    run: RunInfo
    target: TargetInfo
    verdict: Verdict
    exit_code: ExitCode
    requirements: tuple[RequirementResult, ...]
    coverage: Coverage = field(default_factory=Coverage)
    scenarios: tuple[dict[str, Any], ...] = ()
    profiles: tuple[dict[str, Any], ...] = ()
    baseline: tuple[Acceptance, ...] | None = None
    variants: tuple[dict[str, Any], ...] = ()
    unproven_cases: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    def counts(self, level: str | None = None) -> dict[str, int]:
        """Requirements by verdict, of one level or of all; every verdict has an entry."""
        rows = [row for row in self.requirements if level in (None, row.level)]
        tally = Counter(row.verdict for row in rows)
        return {verdict.value: tally[verdict] for verdict in Verdict}

    @property
    def accepted(self) -> dict[str, Acceptance]:
        """The requirements of which the baseline covers every failure, by ID, with an entry."""
        covered = {}
        for row in self.requirements:
            wrong = [case for case in row.cases if case.verdict in _TO_ACCEPT]
            entries = [self.acceptance_of(case) for case in wrong]
            if entries and entries[0] is not None and None not in entries:
                covered[row.id] = entries[0]
        return covered

    def acceptance_of(self, case: CaseResult) -> Acceptance | None:
        """The entry of the baseline that accepts what became of a case, if there is one."""
        if case.verdict not in _TO_ACCEPT:
            return None
        return next((entry for entry in self.baseline or () if entry.covers(case)), None)

    @property
    def assessed(self) -> int:
        """How many requirements got a verdict at all, be it in part."""
        return sum(row.verdict is not Verdict.NOT_ASSESSED for row in self.requirements)

    @property
    def in_part(self) -> int:
        """How many requirements passed in part: some of their cases were not asked."""
        return sum(row.verdict is Verdict.PASSED_IN_PART for row in self.requirements)
