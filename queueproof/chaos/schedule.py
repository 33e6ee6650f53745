"""The recorded schedule of a scenario: what was done to the target, and what failed by it.

Written for every scenario that was judged; the input of `queueproof chaos --replay`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.plan import Plan, plan_from
from queueproof.checkers.outage_history import OutageHistory
from queueproof.config.kinds import Anything, Flag, ListOf, Table, TableOf, Text, Whole
from queueproof.errors import UsageError
from queueproof.input_files import read_json
from queueproof.reporting.files import replace_file

_VERSION = 1
_RECORDED = Table(
    {
        "plan": TableOf(kind=Anything()),
        "failing": ListOf(kind=Text()),
        "evidence": TableOf(kind=Flag()),
    },
    needed=("plan",),
)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A recorded schedule.

    `failing` are the requirements that failed; `evidence` maps the errands whose jobs showed it to
    whether the job was accepted then: the circumstances that a replay must meet again.
    """

    plan: Plan
    failing: tuple[str, ...]
    evidence: Mapping[int, bool]


def write_schedules(results: Mapping[str, ScenarioResult], folder: Path) -> None:
    """One file a judged scenario, in `folder`/schedules; raises UsageError."""
    for name, result in results.items():
        if result.plan is not None and result.outage is not None:
            text = json.dumps(_document(result, result.plan, result.outage), indent=1) + "\n"
            replace_file(folder / "schedules" / f"{name}.json", text)


def read_schedule(path: Path) -> Schedule:
    """What `write_schedules` wrote; raises UsageError for anything else."""
    data = read_json(path, what="--replay")
    if not isinstance(data, dict) or data.get("schedule_version") != _VERSION:
        raise UsageError(
            f"--replay {path}: not a recorded schedule (reports/out/…/schedules/CHAOS-….json)"
        )
    kept = {name: data[name] for name in _RECORDED.keys if name in data}
    values = _RECORDED.read(kept, f"--replay {path}")
    return Schedule(
        plan=plan_from(values["plan"], where=f"--replay {path}"),
        failing=values.get("failing", ()),
        evidence={
            Whole().read(_number(number), f"--replay {path}: evidence"): was
            for number, was in values.get("evidence", {}).items()
        },
    )


def _number(text: str) -> Any:
    """The number that a key of a JSON table is; the text itself where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def accepted_errands(outage: OutageHistory) -> set[int]:
    """The errands that got a job at the first attempt or a later one."""
    return {life.errand for life in outage.accepted}


def _document(result: ScenarioResult, plan: Plan, outage: OutageHistory) -> dict[str, Any]:
    accepted = accepted_errands(outage)
    errands = sorted(
        {
            finding.errand
            for judgement in result.judgements
            for finding in judgement.broken
            if finding.errand is not None
        }
    )
    return {
        "schedule_version": _VERSION,
        "plan": plan.as_dict(),
        "verdict": result.verdict.value,
        "failing": result.failing,
        "evidence": {str(number): number in accepted for number in errands},
        "began_s": {
            "during": _rounded(outage.applied_s),
            "recovery": _rounded(outage.healed_s),
            "after": _rounded(outage.whole_s),
        },
    }


def _rounded(at_s: float) -> float | None:
    return round(at_s, 3) if at_s != float("inf") else None
