"""What a gate would ask of a target, what not and why, and how long it takes; nothing is asked yet.

The target is not opened: what only its answers can tell (whether a login is a superuser's, how many
workers there are) is a condition here, and decided when the gate runs.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass

import pytest
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.config.model import RunConfig
from queueproof.errors import UsageError
from queueproof.requirements import Access, Requirement
from queueproof.running.applicability import HOW_TO_GIVE, disturbs
from queueproof.running.collected import Case, case_of
from queueproof.running.declared import why_not_by_description
from queueproof.running.gate import play
from queueproof.running.marks import CaseMark
from queueproof.running.plugin import ConformanceRun
from queueproof.running.progress import NullProgress
from queueproof.running.remaining import about, expected_s
from queueproof.running.screen import Verbosity, telling_of
from queueproof.running.selection import earlier_durations
from queueproof.targets.contracts import workers_stand_apart

_SURE, _IF, _NOT = "yes", "if", "no"


@dataclass(frozen=True, kw_only=True)
class PlannedCase:
    """A case that a gate selects: whether it would be asked (`yes`, `if`, `no`), and how long.

    `reason` is the condition, or why not; `seconds` what it took in an earlier run (`measured`), or
    what its declared waits make of it.
    """

    id: str
    requirement: str
    level: str
    title: str
    access: str
    asked: str
    reason: str
    seconds: float
    measured: bool


class _Collection(ConformanceRun):
    """A run that keeps the cases it would play."""

    plays = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Plays nothing."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        items = [item for item in session.items if isinstance(item, pytest.Function)]
        self.cases: list[Case] = [case_of(item) for item in items]
        return True


def planned_cases(config: RunConfig) -> list[PlannedCase]:
    """The cases that a gate with this configuration selects, in the registry's order.

    Raises UsageError for a selection of nothing.
    """
    run = _Collection(config, NullProgress())
    play(run)
    cases: list[Case] = getattr(run, "cases", [])
    if not cases:
        raise run.error or UsageError("the selection is empty: nothing would be assessed")
    order = {row.id: number for number, row in enumerate(run.registry)}
    earlier = earlier_durations(config)
    return [
        _planned(case, run.registry[case.mark.requirement], config, earlier)
        for case in sorted(cases, key=lambda case: order[case.mark.requirement])
    ]


def show_listing(config: RunConfig, console: Console) -> None:
    """Print the cases as a table; as JSON on standard output where the screen wants that."""
    cases = planned_cases(config)
    telling = telling_of(console)
    if telling.as_json:
        document = {
            "contract": config.target.contract,
            "target": list(config.places),
            "estimated_s": round(estimate_s(cases, config), 1),
            "cases": [asdict(case) for case in cases],
        }
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    if telling.verbosity is not Verbosity.QUIET:
        console.print(_table(cases))
    for line in summary_of(cases, config):
        console.print(Text(line), soft_wrap=True)


def estimate_s(cases: list[PlannedCase], config: RunConfig) -> float:
    """About how long the cases take together: no less than the longest, so many side by side."""
    asked = [case.seconds for case in cases if case.asked != _NOT]
    return max(max(asked, default=0.0), sum(asked) / max(config.target.paced_cases, 1))


def summary_of(cases: list[PlannedCase], config: RunConfig) -> list[str]:
    """How much of what would be asked, about how long that takes, and what would change it."""
    asked = [case for case in cases if case.asked != _NOT]
    rows, all_rows = {c.requirement for c in asked}, {c.requirement for c in cases}
    takes = about(estimate_s(cases, config))
    of_rows = f"{len(rows)} of {len(all_rows)} requirements"
    lines = [f"{len(asked)} of {len(cases)} cases ({of_rows}) would be asked, in about {takes}"]
    for asked_when, words in ((_IF, "asked if"), (_NOT, "not asked:")):
        reasons = Counter(case.reason for case in cases if case.asked == asked_when)
        lines += [f"  {number:4} {words} {reason}" for reason, number in reasons.most_common()]
    return lines


def _planned(
    case: Case, row: Requirement, config: RunConfig, earlier: dict[str, float]
) -> PlannedCase:
    access = case.mark.access or row.access
    wait_s = case.mark.wait(config.target.timings)
    asked, reason = _forecast(row, case.mark, access, wait_s, config)
    return PlannedCase(
        id=case.id,
        requirement=row.id,
        level=row.level.value,
        title=case.title,
        access=access.value,
        asked=asked,
        reason=reason,
        seconds=round(expected_s(case.id, wait_s, earlier), 1),
        measured=case.id in earlier,
    )


def _forecast(
    row: Requirement, mark: CaseMark, access: Access, wait_s: float, config: RunConfig
) -> tuple[str, str]:
    """Whether the case would be asked, as far as options and target file tell."""
    target = config.target
    if reason := why_not_by_description(row, target) or _lacking(access, mark, config):
        return _NOT, reason
    if disturbs(row, access) and not target.disposable:
        return _NOT, "the target is --disposable: it disturbs everybody on it"
    if wait_s > config.patience_s:
        return _NOT, f"it waits longer than --patience {config.patience_s:.0f}"
    conditions = [f"the target has {need.replace('_', ' ')}" for need in (*row.needs, *mark.needs)]
    sure = config.embedded or bool(target.credentials.admin_token)
    if access is Access.ADMIN and not sure:
        conditions.append("the login is a superuser's")
    workers = target.workers or 1
    if mark.workers > workers and not workers_stand_apart(target) and access is not Access.LAUNCH:
        conditions.append(f"{mark.workers} workers are found")
    if conditions and not config.embedded:
        return _IF, " and ".join(dict.fromkeys(conditions))
    return _SURE, ""


def _lacking(access: Access, mark: CaseMark, config: RunConfig) -> str:
    """The access that the case needs and nothing gives."""
    target = config.target
    copies = mark.alone and target.launch is not None and target.launch.lanes > 0
    launched = target.launch is not None and target.launch.for_cases
    given = {
        Access.HTTP: True,
        Access.ADMIN: True,
        Access.REDIS: launched or config.embedded or copies or bool(target.redis_url),
        Access.PROCESS: launched
        or config.embedded
        or target.process_root is not None
        or bool(target.worker_processes),
        Access.LAUNCH: launched,
        Access.PROXY: False,
    }
    return "" if given[access] else f"needs {access.value} access: {HOW_TO_GIVE[access]}"


def _table(cases: list[PlannedCase]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("id", no_wrap=True)
    table.add_column("case", overflow="fold")
    table.add_column("asked", overflow="fold")
    table.add_column("takes", justify="right", no_wrap=True)
    for case in cases:
        why_not = case.reason.partition(":")[0]
        asked = {_SURE: "yes", _IF: f"if {case.reason}", _NOT: f"no: {why_not}"}[case.asked]
        takes = "" if case.asked == _NOT else f"{'' if case.measured else '≈ '}{case.seconds:g} s"
        style = "dim" if case.asked == _NOT else ""
        cells = (case.requirement, case.title, asked, takes)
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table
